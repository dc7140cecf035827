import type { Clock, Timer } from '../core/clock.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { isStillTelling, MAX_COPY_MS, MAX_RENAMING_MS, tellingOn, wasBefore } from '../sync/telling.ts';
import type { Telling } from '../sync/telling.ts';

interface Waiting {
  /** Monotonic ms. */
  readonly since: number;
  readonly sources: readonly DeviceId[];
  /** Our files of the same content, each of which may be the one that was renamed. */
  readonly twins: readonly FileEntry[];
  /** `due`: to be looked at. `over`: its content is being brought, unless it turns out not to be wanted. */
  state: 'waiting' | 'due' | 'over';
}

const TICK_MS = 100;

/**
 * Files that may have been renamed at a peer, where the old name is still announced: they wait for it to be withdrawn,
 * as long as the peer goes on telling.
 */
export class RuleRenamings {
  readonly #clock: Clock;
  readonly #again: (path: RelativePath) => void;
  readonly #isUnderWay: (path: RelativePath) => boolean;
  readonly #tellings = new Map<DeviceId, Telling>();
  /** By the path at the peers. */
  readonly #waiting = new Map<RelativePath, Waiting>();
  /** By our file: the paths that wait for it to go. */
  readonly #byTwin = new Map<RelativePath, Set<RelativePath>>();
  #ticker: Timer | undefined;

  /** `again` has what peers call a path looked at again; `isUnderWay` says whether it is being brought here. */
  constructor(
    clock: Clock,
    again: (path: RelativePath) => void,
    isUnderWay: (path: RelativePath) => boolean,
  ) {
    this.#clock = clock;
    this.#again = again;
    this.#isUnderWay = isUnderWay;
  }

  /** `device` has told of `entries`. */
  heard(device: DeviceId, entries: readonly FileEntry[]): void {
    this.#tellings.set(device, tellingOn(this.#tellings.get(device), this.#clock.monotonic(), entries));
  }

  /** Whether what peers call `path` is to wait, since it may be one of `twins`; it is looked at again afterwards. */
  mustWait(path: RelativePath, sources: readonly DeviceId[], twins: readonly FileEntry[]): boolean {
    const { since } = this.#waiting.get(path) ?? { since: this.#clock.monotonic() };
    this.forget(path);
    const waiting: Waiting = { since, sources, twins, state: 'waiting' };
    if (this.#isOver(waiting)) waiting.state = 'over';
    this.#waiting.set(path, waiting);
    for (const { path: twin } of twins) {
      this.#byTwin.set(twin, (this.#byTwin.get(twin) ?? new Set<RelativePath>()).add(path));
    }
    this.#ticker ??= this.#clock.every(TICK_MS, () => this.#tick());
    return waiting.state === 'waiting';
  }

  /** Whether something may be got from our file `twin`, by renaming it or, if that came too late, by copying it. */
  isAwaited(twin: RelativePath): boolean {
    return this.#byTwin.has(twin);
  }

  /** The file that is here as `twin` is there no more: what waited for that is looked at. */
  withdrawn(twin: RelativePath): void {
    for (const path of this.#byTwin.get(twin) ?? []) this.#again(path);
  }

  forget(path: RelativePath): void {
    for (const { path: twin } of this.#waiting.get(path)?.twins ?? []) {
      const paths = this.#byTwin.get(twin);
      paths?.delete(path);
      if (paths?.size === 0) this.#byTwin.delete(twin);
    }
    this.#waiting.delete(path);
  }

  clear(): void {
    this.#ticker?.cancel();
    this.#ticker = undefined;
    this.#waiting.clear();
    this.#byTwin.clear();
  }

  #isOver({ since, sources, twins }: Waiting): boolean {
    const now = this.#clock.monotonic();
    if (now - since < MAX_COPY_MS) return false;
    if (now - since >= MAX_RENAMING_MS) return true;
    return !sources.some((device) => {
      const telling = this.#tellings.get(device);
      return telling && isStillTelling(telling, now) && twins.some((twin) => wasBefore(twin, telling));
    });
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const [path, waiting] of this.#waiting) {
      const isLeft = waiting.state === 'due' && now - waiting.since >= 2 * MAX_RENAMING_MS;
      if (isLeft || (waiting.state === 'over' && !this.#isUnderWay(path))) this.forget(path);
      else if (waiting.state === 'waiting' && this.#isOver(waiting)) {
        waiting.state = 'due';
        this.#again(path);
      }
    }
    if (this.#waiting.size > 0) return;
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }
}
