import type { RuleSettings } from '../config/settings.ts';
import type { CompartidosError, ErrorCode, ErrorParams } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Urgency } from './download-order.ts';
import { nextState } from './download-state.ts';
import type { DownloadEvent, DownloadState } from './download-state.ts';
import type { Interruption } from './interruption.ts';
import { TransferMeter } from './transfer-meter.ts';

/** A download as faces see it. Plain JSON. */
export interface DownloadView {
  readonly id: string;
  readonly path: string;
  readonly state: DownloadState;
  /** Bytes that are here and verified. */
  readonly bytes: number;
  readonly size: number;
  /** Bytes a second over the last seconds; 0 when not transferring. */
  readonly rate: number;
  /** Seconds left at that rate; null when unknown. */
  readonly eta: number | null;
  /** Names of the devices it comes from. */
  readonly from: readonly string[];
  /** Who asked: a person or a rule. */
  readonly reason: 'person' | 'rule';
  /** Where it ended up or will: differs from `path` when that name was taken or a rule says `into`. */
  readonly target: string;
  readonly error: { readonly code: ErrorCode; readonly params: ErrorParams } | null;
}

/** A file of a peer that speaks the classic protocol only. */
export interface ClassicSource {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** What is to be downloaded. */
export interface DownloadOrder extends Urgency {
  /** What it is called there. */
  readonly path: string;
  readonly target: RelativePath;
  /** Undefined for a classic source: its size and hashes are known when it is here. */
  readonly content: FileEntry | undefined;
  /** Devices that are known to have it under its path. */
  readonly devices: readonly DeviceId[];
  readonly classic: ClassicSource | undefined;
  readonly ruleId: string | undefined;
  /** Of the rule that asked. */
  readonly mode: RuleSettings['mode'] | undefined;
}

/** Why a paused download is paused. */
export type PauseCause = 'person' | 'disk';

/** One download: its order, its state, and what has come of it. */
export class Download {
  readonly id: string;
  order: DownloadOrder;
  /** Resolves when it is done, failed or cancelled; made anew when it is given another chance. */
  finished: Promise<void>;
  readonly meter = new TransferMeter();
  /** Bytes that are here and verified. */
  bytes = 0;
  /** Attempts in a row that brought nothing. */
  attempts = 0;
  /** Those in a row that the disk has ended: it is waited for, and they are not counted as attempts. */
  diskPauses = 0;
  /** While queued: monotonic ms before which it is not tried again; Infinity while it waits for a holder. */
  waitsUntil = -Infinity;
  pauseCause: PauseCause | undefined;
  /** To be cancelled unless it is in place in a moment: it was just being put there. */
  isGivenUp = false;
  /** Why the last attempt failed; undefined once one goes on. */
  error: CompartidosError | undefined;
  /** Where it ended, when that is not its target. */
  placedAt: RelativePath | undefined;
  /** Devices that bytes came from, each once. */
  readonly from: DeviceId[] = [];
  /** Of the attempt under way. */
  interruption: Interruption | undefined;
  /** Counts the times it was queued: an older turn does nothing. */
  turn = 0;
  /** The last attempt, until it has let go of its files. */
  attempt: Promise<void> | undefined;
  #state: DownloadState;
  #settle!: () => void;

  constructor(id: string, order: DownloadOrder, state: 'queued' | 'paused' | 'failed' = 'queued') {
    this.id = id;
    this.order = order;
    this.#state = state;
    if (state === 'paused') this.pauseCause = 'person';
    this.finished = new Promise((resolve) => (this.#settle = resolve));
  }

  get state(): DownloadState {
    return this.#state;
  }

  get size(): number {
    return this.order.content?.size ?? this.bytes;
  }

  /** Bytes came from `device`. */
  cameFrom(device: DeviceId): void {
    if (!this.from.includes(device)) this.from.push(device);
  }

  /** Trying again is worth it: what failed before does not count any more. */
  forgive(): void {
    this.attempts = 0;
    this.diskPauses = 0;
  }

  /** Returns whether `event` applied. */
  apply(event: DownloadEvent): boolean {
    const next = nextState(this.#state, event);
    if (!next) return false;
    if (this.#state === 'failed') this.finished = new Promise((resolve) => (this.#settle = resolve));
    this.#state = next;
    if (isErrorOver(next)) this.error = undefined;
    if (next !== 'transferring') this.meter.reset();
    if (next === 'done' || next === 'failed' || next === 'cancelled') this.#settle();
    return true;
  }

  view(nameOf: (device: DeviceId) => string): DownloadView {
    const { order, error } = this;
    const from = order.classic ? [order.classic.host] : this.from.map(nameOf);
    return {
      id: this.id,
      path: order.path,
      state: this.#state,
      bytes: this.bytes,
      size: this.size,
      rate: this.meter.rate,
      eta: this.#state === 'transferring' ? this.meter.eta(this.size - this.bytes) : null,
      from,
      reason: order.reason,
      target: this.placedAt ?? order.target,
      error: error ? { code: error.code, params: error.params } : null,
    };
  }
}

/** Whether what last went wrong says nothing of a download any more: it goes on, or is over. */
function isErrorOver(state: DownloadState): boolean {
  return state === 'transferring' || state === 'verifying' || state === 'done' || state === 'cancelled';
}
