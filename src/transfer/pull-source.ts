import type { CompartidosError } from '../core/errors.ts';
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

/** One source as one pull sees it. */
export class PullSource {
  readonly device: DeviceId;
  path: RelativePath;
  have: BlockMap | undefined;
  /** Where to look for the next block. */
  cursor: number;
  /** Why it was last left alone. */
  error: CompartidosError | undefined;
  #restsUntil = -Infinity;
  #failures = 0;

  constructor(source: Source, cursor: number) {
    this.device = source.device;
    this.path = source.path;
    this.have = source.have;
    this.cursor = cursor;
  }

  update(source: Source): void {
    this.path = source.path;
    this.have = source.have;
  }

  has(index: number): boolean {
    return this.have === undefined || this.have.has(index);
  }

  /** Whether it may be asked at `now` (monotonic ms). */
  usable(now: number): boolean {
    return now >= this.#restsUntil;
  }

  /** Whether it will be asked again by and by, if not now. */
  get hopeful(): boolean {
    return this.#restsUntil !== Infinity;
  }

  delivered(): void {
    this.#failures = 0;
  }

  /** Leaves it alone for a while. */
  rest(now: number, error: CompartidosError): void {
    this.error = error;
    this.#failures += 1;
    this.#restsUntil = now + (this.#failures < PATIENCE ? SHORT_REST_MS : LONG_REST_MS);
  }

  /** Asks it no more, until it is `trusted` again. */
  exclude(error: CompartidosError): void {
    this.error = error;
    this.#restsUntil = Infinity;
  }

  /** It has announced the content anew. */
  readmit(): void {
    this.#restsUntil = -Infinity;
    this.#failures = 0;
  }
}
