import type { CompartidosError, ErrorCode, ErrorParams } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { DownloadOrder, OrderFacts } from './download-order.ts';
import { isActive, isRunning, nextState } from './download-state.ts';
import type { DownloadEvent, DownloadState } from './download-state.ts';
import type { Interruption } from './interruption.ts';
import { TransferMeter } from './transfer-meter.ts';
import { WaitingOrder } from './waiting-order.ts';

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

/** Why a paused download is paused. */
export type PauseCause = 'person' | 'disk';

const NOBODY: readonly DeviceId[] = [];

/**
 * One download: its order, its state, and what has come of it. There may be hundreds of thousands: what only those need
 * that are running, or that somebody waits for, is made for these.
 */
export class Download {
  readonly id: string;
  /** Bytes that are here and verified. */
  bytes = 0;
  /** Attempts in a row that brought nothing. */
  attempts = 0;
  /** Those in a row that the disk has ended: it is waited for, and they are not counted as attempts. */
  diskPauses = 0;
  /** While queued: monotonic ms before which it is not tried again. */
  waitsUntil = -Infinity;
  pauseCause: PauseCause | undefined;
  /** To be cancelled unless it is in place in a moment: it was just being put there. */
  isGivenUp = false;
  /** Why the last attempt failed; undefined once one goes on. */
  error: CompartidosError | undefined;
  /** Where it ended, when that is not its target. */
  placedAt: RelativePath | undefined;
  /** Devices that bytes came from, each once. */
  from = NOBODY;
  /** Of the attempt under way. */
  interruption: Interruption | undefined;
  /** Counts the times it was queued: an older turn does nothing. */
  turn = 0;
  /** Counts the orders that have taken the place of the first. */
  orders = 0;
  /** The last attempt, until it has let go of its files. */
  attempt: Promise<void> | undefined;
  #state: DownloadState;
  #order: DownloadOrder | WaitingOrder;
  #meter: TransferMeter | undefined;
  #finished: Promise<void> | undefined;
  #settle: (() => void) | undefined;

  constructor(id: string, order: DownloadOrder, state: 'queued' | 'paused' | 'failed' = 'queued') {
    this.id = id;
    this.#order = new WaitingOrder(order);
    this.#state = state;
    if (state === 'paused') this.pauseCause = 'person';
  }

  /** Made anew each time unless it is running: of many, ask for its `facts`. */
  get order(): DownloadOrder {
    return this.#order instanceof WaitingOrder ? this.#order.whole() : this.#order;
  }

  set order(order: DownloadOrder) {
    this.orders += 1;
    this.#keep(order);
  }

  get facts(): OrderFacts {
    return this.#order;
  }

  /** What its content is called at its source; undefined for a classic one. */
  get contentPath(): RelativePath | undefined {
    return this.#order.content?.path;
  }

  get meter(): TransferMeter {
    return (this.#meter ??= new TransferMeter());
  }

  /** Resolves when it is done, failed or cancelled. */
  get finished(): Promise<void> {
    if (!isActive(this.#state)) return Promise.resolve();
    return (this.#finished ??= new Promise((resolve) => (this.#settle = resolve)));
  }

  get state(): DownloadState {
    return this.#state;
  }

  get size(): number {
    return this.#order.content?.size ?? this.bytes;
  }

  /** Bytes came from `device`. */
  cameFrom(device: DeviceId): void {
    if (!this.from.includes(device)) this.from = [...this.from, device];
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
    this.#state = next;
    if (isErrorOver(next)) this.error = undefined;
    if (next !== 'transferring') this.#meter?.reset();
    // One that goes on waiting, or running, has it as it is needed; of those that have ended few are remembered.
    const isWaiting = this.#order instanceof WaitingOrder;
    if (isActive(next) && isRunning(next) === isWaiting) this.#keep(this.order);
    if (!isActive(next)) {
      this.#settle?.();
      this.#finished = this.#settle = undefined;
    }
    return true;
  }

  view(nameOf: (device: DeviceId) => string): DownloadView {
    const { facts, error } = this;
    const from = facts.classic ? [facts.classic.host] : this.from.map(nameOf);
    return {
      id: this.id,
      path: facts.path,
      state: this.#state,
      bytes: this.bytes,
      size: this.size,
      rate: this.#meter?.rate ?? 0,
      eta: this.#state === 'transferring' ? this.meter.eta(this.size - this.bytes) : null,
      from,
      reason: facts.reason,
      target: this.placedAt ?? facts.target,
      error: error ? { code: error.code, params: error.params } : null,
    };
  }

  /** Keeps the order as it is needed now. */
  #keep(order: DownloadOrder): void {
    this.#order = isRunning(this.#state) ? order : new WaitingOrder(order);
  }
}

/** Whether what last went wrong says nothing of a download any more: it goes on, or is over. */
function isErrorOver(state: DownloadState): boolean {
  return state === 'transferring' || state === 'verifying' || state === 'done' || state === 'cancelled';
}
