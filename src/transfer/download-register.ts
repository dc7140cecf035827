import { CompartidosError } from '../core/errors.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Download, DownloadOrder } from './download.ts';
import { isActive } from './download-state.ts';
import { hashKey } from './hash-key.ts';

/** Ended downloads that are remembered; the oldest are forgotten first. */
const MAX_ENDED = 500;

/** All downloads, found by what people and events name them by. */
export class DownloadRegister {
  /** In the order of the requests. */
  readonly #all = new Map<string, Download>();
  readonly #byContent = new Map<string, Download>();
  readonly #byTarget = new Map<RelativePath, Set<Download>>();
  readonly #byPath = new Map<string, Set<Download>>();
  readonly #ended = new Set<string>();

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

  /** The download of the same version of the same content to the same target, unless it is done or cancelled. */
  same(order: DownloadOrder): Download | undefined {
    return this.#byContent.get(contentKey(order));
  }

  at(target: RelativePath): Download[] {
    return [...(this.#byTarget.get(target) ?? [])];
  }

  /** Of what is called `path` at its source. */
  from(path: string): Download[] {
    return [...(this.#byPath.get(path) ?? [])];
  }

  reorder(download: Download, order: DownloadOrder): void {
    this.#unlink(download);
    download.order = order;
    this.#link(download);
  }

  /** Takes note when the download has ended, or goes on after all. Returns the id of one that is forgotten for it. */
  follow(download: Download): string | undefined {
    if (isActive(download.state)) {
      this.#ended.delete(download.id);
      return undefined;
    }
    if (this.#ended.has(download.id)) return undefined;
    this.#ended.add(download.id);
    if (download.state !== 'failed') this.#unlink(download);
    if (this.#ended.size <= MAX_ENDED) return undefined;
    const [oldest] = this.#ended as ReadonlySet<string>;
    return this.#forget(oldest!);
  }

  #forget(id: string): string {
    this.#ended.delete(id);
    this.#unlink(this.#all.get(id)!);
    this.#all.delete(id);
    return id;
  }

  #link(download: Download): void {
    const { order } = download;
    this.#byContent.set(contentKey(order), download);
    addTo(this.#byTarget, order.target, download);
    addTo(this.#byPath, order.content?.path ?? order.path, download);
  }

  #unlink(download: Download): void {
    const { order } = download;
    if (this.#byContent.get(contentKey(order)) === download) this.#byContent.delete(contentKey(order));
    removeFrom(this.#byTarget, order.target, download);
    removeFrom(this.#byPath, order.content?.path ?? order.path, download);
  }
}

function contentKey({ target, content, classic }: DownloadOrder): string {
  if (!content) return JSON.stringify([target, classic]);
  // Of the same content in a newer version the version is to be taken over, too.
  const version = content.version.map(({ device, value }) => `${device} ${value}`).join();
  return `${target}\0${content.type}\0${content.hash ? hashKey(content.hash) : ''}\0${version}`;
}

function addTo<Key>(map: Map<Key, Set<Download>>, key: Key, download: Download): void {
  const set = map.get(key) ?? new Set();
  map.set(key, set.add(download));
}

function removeFrom<Key>(map: Map<Key, Set<Download>>, key: Key, download: Download): void {
  const set = map.get(key);
  set?.delete(download);
  if (set?.size === 0) map.delete(key);
}
