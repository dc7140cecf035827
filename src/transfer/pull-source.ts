import { CompartidosError, isCompartidosError } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { BlockMap } from './block-map.ts';

/** Where a content can be had from. */
export interface Source {
  readonly device: DeviceId;
  /** What the content is called there. */
  readonly path: RelativePath;
  /** The blocks that are there already while the device still receives the file; undefined: all of them. */
  readonly have: BlockMap | undefined;
}

/** Failures in a row after which a source is left alone for longer. */
const PATIENCE = 3;
const SHORT_REST_MS = 500;
const LONG_REST_MS = 10_000;

interface FailureContext {
  readonly path: RelativePath;
  readonly name: string;
  /** Monotonic ms. */
  readonly now: number;
}

/** One source as one pull sees it. */
export class PullSource {
  readonly device: DeviceId;
  path: RelativePath;
  have: BlockMap | undefined;
  /** Where to look for the next block. */
  cursor: number;
  /** Why it was last left alone. */
  error: CompartidosError | undefined;
  /** Blocks that it should have but cannot read. */
  #unreadable: Set<number> | undefined;
  #restsUntil = -Infinity;
  #failures = 0;

  constructor(source: Source, cursor: number) {
    this.device = source.device;
    this.path = source.path;
    this.have = source.have;
    this.cursor = cursor;
  }

  update(source: Source): void {
    // What it could not read while it was receiving the file lies elsewhere now.
    if ((this.have === undefined) !== (source.have === undefined)) this.#unreadable = undefined;
    this.path = source.path;
    this.have = source.have;
  }

  has(index: number): boolean {
    return !this.#unreadable?.has(index) && (this.have === undefined || this.have.has(index));
  }

  /** Whether blocks are missing in `have` and it cannot read any of them. Where none is, it may still owe hashes. */
  isOfNoUse(have: BlockMap): boolean {
    const missing = have.length - have.count;
    if (missing === 0 || !this.#unreadable || this.#unreadable.size < missing) return false;
    return [...this.#unreadable].filter((index) => !have.has(index)).length === missing;
  }

  /** Whether it may be asked at `now` (monotonic ms). */
  usable(now: number): boolean {
    return now >= this.#restsUntil;
  }

  /** Whether nothing has come of it since it last failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Whether it will be asked again by and by, if not now. */
  get hopeful(): boolean {
    return this.#restsUntil !== Infinity;
  }

  delivered(): void {
    this.#failures = 0;
  }

  /** Learns from a failed request for block `index`; `path` and `name` (of the device) are for whoever reads why. */
  failed(index: number, error: unknown, { path, name, now }: FailureContext): void {
    const known = isCompartidosError(error)
      ? error
      : new CompartidosError('CONNECTION_FAILED', { path }, { cause: error });
    const reason = known.code === 'REQUEST_REFUSED' ? known.params['reason'] : undefined;
    if (reason === 'changed') this.exclude(new CompartidosError('SOURCE_CHANGED', { path }));
    else if (reason === 'failed') {
      this.error = new CompartidosError('SOURCE_UNREADABLE', { path, device: name });
      this.#unreadable ??= new Set();
      this.#unreadable.add(index);
    } else if (reason === 'not-found' && this.have) this.have.delete(index);
    else if (reason === 'not-found' || reason === 'denied') this.exclude(known);
    // It has much to do, which is no failure.
    else if (reason === 'busy') this.#restsUntil = now + SHORT_REST_MS;
    else this.#rest(now, known);
  }

  /** Asks it no more, until it is readmitted. */
  exclude(error: CompartidosError): void {
    this.error = error;
    this.#restsUntil = Infinity;
  }

  /** It has announced the content anew. */
  readmit(): void {
    this.#unreadable = undefined;
    this.#restsUntil = -Infinity;
    this.#failures = 0;
  }

  /** Leaves it alone for a while. */
  #rest(now: number, error: CompartidosError): void {
    this.error = error;
    this.#failures += 1;
    this.#restsUntil = now + (this.#failures < PATIENCE ? SHORT_REST_MS : LONG_REST_MS);
  }
}
