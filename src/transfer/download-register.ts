import { CompartidosError } from '../core/errors.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Download } from './download.ts';
import type { DownloadOrder } from './download-order.ts';
import { isActive } from './download-state.ts';
import { DownloadLookup } from './download-lookup.ts';

/** Ended downloads that are remembered; the oldest are forgotten first. */
const MAX_ENDED = 500;

/** All downloads, found by what people and events name them by. */
export class DownloadRegister {
  /** In the order of the requests. */
  readonly #all = new Map<string, Download>();
  readonly #byTarget = new DownloadLookup();
  readonly #byPath = new DownloadLookup();
  readonly #ended = new Set<string>();
  /** Is always before the oldest of `#ended`; a new one would pass by the places of all that have been forgotten. */
  readonly #oldest = this.#ended.values();

  add(download: Download): void {
    this.#all.set(download.id, download);
    this.#link(download);
    if (!isActive(download.state)) this.#ended.add(download.id);
  }

  /** @throws NOT_FOUND */
  get(id: string): Download {
    const download = this.#all.get(id);
    if (!download) throw new CompartidosError('NOT_FOUND', { what: 'download', name: id });
    return download;
  }

  all(): Download[] {
    return [...this.#all.values()];
  }

  /** How many have not ended. */
  get active(): number {
    return this.#all.size - this.#ended.size;
  }

  /** Those to this target, unless they are done or cancelled. */
  at(target: RelativePath): readonly Download[] {
    return this.#byTarget.get(target);
  }

  /** Those of what is called `path` at its source, unless they are done or cancelled. */
  from(path: string): readonly Download[] {
    return this.#byPath.get(path);
  }

  reorder(download: Download, order: DownloadOrder): void {
    this.#unlink(download);
    download.order = order;
    this.#link(download);
  }

  /** Takes note when the download has ended, or goes on after all. Returns one that is forgotten for it. */
  follow(download: Download): Download | undefined {
    if (isActive(download.state)) {
      this.#ended.delete(download.id);
      return undefined;
    }
    // Its attempt may end after it was cancelled, with many others, and forgotten.
    if (!this.#all.has(download.id)) return undefined;
    if (!isFindable(download)) this.#unlink(download);
    if (this.#ended.has(download.id)) return undefined;
    this.#ended.add(download.id);
    if (this.#ended.size <= MAX_ENDED) return undefined;
    return this.#forget(this.#oldest.next().value!);
  }

  #forget(id: string): Download {
    const download = this.#all.get(id)!;
    this.#ended.delete(id);
    if (download.state === 'failed') this.#unlink(download);
    this.#all.delete(id);
    return download;
  }

  #link(download: Download): void {
    if (!isFindable(download)) return;
    const { facts, contentPath } = download;
    this.#byTarget.add(facts.target, download);
    this.#byPath.add(contentPath ?? facts.path, download);
  }

  #unlink(download: Download): void {
    const { facts, contentPath } = download;
    this.#byTarget.delete(facts.target, download);
    this.#byPath.delete(contentPath ?? facts.path, download);
  }
}

/** One that is done or cancelled is over: whoever asks for the same again gets a new one. */
function isFindable({ state }: Download): boolean {
  return isActive(state) || state === 'failed';
}
