import { backoff } from '../core/backoff.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { CompartidosError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { explain, isDiskTrouble, isFinal } from './disk-trouble.ts';
import type { Download } from './download.ts';
import type { DownloadLanes, LaneWork } from './download-lanes.ts';
import { isSmall, queuePriority } from './download-order.ts';
import { isActive } from './download-state.ts';
import { Interruption } from './interruption.ts';

export interface AttemptParts {
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly lanes: DownloadLanes;
  /** One attempt. Resolves with where the file is now. */
  readonly run: (download: Download, interruption: Interruption) => Promise<RelativePath>;
  /** Removes what a download has on the disk. */
  readonly discard: (download: Download) => Promise<void>;
  /** Whether the disk can be written to again, for a download that `error` has paused. */
  readonly diskRecovered: (error: CompartidosError, download: Download) => Promise<boolean>;
  readonly changed: (download: Download) => void;
}

const TICK_MS = 250;
/** Attempts in a row that brought nothing; then a download has failed. */
const MAX_ATTEMPTS = 10;
/** Between attempts. ms. */
const RETRY = { first: 500, longest: 5 * 60 * 1000 };
const PROBE_DISK_MS = 5000;
/** Longest time between two probes for one download, when each lets it go on and it is stopped again. */
const PROBE_AGAIN_MS = 5 * 60 * 1000;
/** How long a download waits for one of its holders before it looks for another. */
const SEARCH_AGAIN_MS = 30_000;
/** And how long for each that waits: of 50,000 none is looked for more often than that all together take little time. */
const SEARCH_EACH_MS = 10;

const OVER = Promise.resolve();

/** The turn of one download: thousands wait for theirs, so this is all that is made for it. */
class Turn implements LaneWork {
  readonly #download: Download;
  readonly #number: number;
  readonly #take: (download: Download, turn: number) => Promise<void>;

  constructor(download: Download, take: (download: Download, turn: number) => Promise<void>) {
    this.#download = download;
    this.#number = download.turn;
    this.#take = take;
  }

  get bytes(): number {
    return this.#download.size;
  }

  get isSmall(): boolean {
    return this.#download.facts.classic === undefined && isSmall(this.#download);
  }

  get peer(): string {
    const { devices, classic } = this.#download.facts;
    return devices[0] ?? classic?.host ?? '';
  }

  get priority(): number {
    return queuePriority(this.#download.facts);
  }

  run(): Promise<void> {
    return this.#take(this.#download, this.#number);
  }
}

/** Gives each download its turns: when, and after which failure what. */
export class DownloadAttempts {
  readonly #parts: AttemptParts;
  /** Queued, but not before its time. */
  readonly #waiting = new Set<Download>();
  readonly #running = new Set<Download>();
  /** Paused by the disk. */
  readonly #blocked = new Set<Download>();
  readonly #reported = new WeakMap<Download, number>();
  #ticker: Timer | undefined;
  #probedAt = -Infinity;
  #probing = false;
  #stopped = false;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  /** Whether any has its turn. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Lets a queued download have its turn. */
  enqueue(download: Download): void {
    this.#waiting.delete(download);
    this.#blocked.delete(download);
    download.turn += 1;
    this.#parts.lanes.enter(new Turn(download, this.#take));
  }

  /** Gives another chance to one that was paused or has failed, with all its attempts. */
  again(download: Download): void {
    download.error = undefined;
    download.pauseCause = undefined;
    download.forgive();
    this.enqueue(download);
  }

  /** Ends the attempt under way, if any; the download's state says what comes next. */
  interrupt(download: Download): void {
    this.#waiting.delete(download);
    this.#blocked.delete(download);
    download.turn += 1;
    download.interruption?.interrupt();
    if (download.state === 'cancelled') void this.#discardAfter(download);
  }

  /** A holder of these downloads may be reachable now: they need not wait. */
  wake(condition: (download: Download) => boolean): void {
    for (const download of [...this.#waiting]) if (condition(download)) this.enqueue(download);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#parts.lanes.clear();
    this.#ticker?.cancel();
    this.#ticker = undefined;
    for (const download of this.#running) download.interruption?.interrupt();
    for (const { attempt } of [...this.#running]) await attempt;
  }

  readonly #take = (download: Download, turn: number): Promise<void> => {
    // An older turn must not wait in the place of somebody else until the attempt of the newer one is over.
    if (download.turn !== turn) return OVER;
    return download.attempt?.then(() => this.#begin(download, turn)) ?? this.#begin(download, turn);
  };

  #begin(download: Download, turn: number): Promise<void> {
    if (this.#stopped || download.turn !== turn || !download.apply('started')) return OVER;
    download.attempt = this.#attempt(download);
    return download.attempt;
  }

  async #attempt(download: Download): Promise<void> {
    const interruption = new Interruption();
    download.interruption = interruption;
    this.#running.add(download);
    this.#keepTicking();
    this.#parts.changed(download);
    try {
      const placedAt = await this.#parts.run(download, interruption);
      // While it was put in place something newer was ordered.
      if (this.#isInterrupted(download, interruption)) this.enqueue(download);
      else {
        download.placedAt = placedAt;
        download.apply('placed');
        this.#log(download, 'download.done');
      }
    } catch (error) {
      if (!interruption.reason) this.#failed(download, this.#explained(error, download));
      else if (this.#isInterrupted(download, interruption)) this.enqueue(download);
    } finally {
      download.interruption = undefined;
      this.#running.delete(download);
      if (download.isGivenUp && isActive(download.state) && download.apply('cancelled'))
        this.interrupt(download);
      this.#parts.changed(download);
    }
  }

  /** Whether the attempt was ended so that another begins. */
  #isInterrupted(download: Download, { reason }: Interruption): boolean {
    return reason !== undefined && !this.#stopped && download.apply('interrupted');
  }

  #explained(error: unknown, { facts }: Download): CompartidosError {
    return explain(error, { path: facts.path, folder: this.#parts.folder });
  }

  #failed(download: Download, error: CompartidosError): void {
    const { clock, random } = this.#parts;
    download.error = error;
    if (isDiskTrouble(error)) {
      download.pauseCause = 'disk';
      download.apply('paused');
      if (this.#blocked.size === 0) this.#probedAt = clock.monotonic();
      const delay = error.code === 'DISK_FULL' ? 0 : PROBE_DISK_MS * 2 ** download.diskPauses;
      download.waitsUntil = clock.monotonic() + Math.min(delay, PROBE_AGAIN_MS);
      download.diskPauses += 1;
      this.#blocked.add(download);
      this.#log(download, 'download.paused', error);
      return;
    }
    download.attempts += error.code === 'NO_SOURCE' ? 0 : 1;
    if (isFinal(error) || download.attempts >= MAX_ATTEMPTS) {
      download.apply('gave-up');
      this.#log(download, 'download.failed', error);
      return;
    }
    download.apply('interrupted');
    const search = Math.max(SEARCH_AGAIN_MS, this.#waiting.size * SEARCH_EACH_MS);
    const delay = error.code === 'NO_SOURCE' ? search : backoff(download.attempts, RETRY, random);
    download.waitsUntil = clock.monotonic() + delay;
    this.#waiting.add(download);
  }

  async #discardAfter(download: Download): Promise<void> {
    await download.attempt;
    // What cannot be removed now is removed by the next start.
    await this.#parts.discard(download).catch(() => undefined);
  }

  #keepTicking(): void {
    this.#ticker ??= this.#parts.clock.every(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const now = this.#parts.clock.monotonic();
    for (const download of this.#running) {
      if (download.state !== 'transferring') continue;
      download.meter.sample(now);
      if (this.#reported.get(download) === download.bytes && download.meter.rate === 0) continue;
      this.#reported.set(download, download.bytes);
      this.#parts.changed(download);
    }
    this.wake(({ waitsUntil }) => waitsUntil <= now);
    if (this.#blocked.size > 0 && now - this.#probedAt >= PROBE_DISK_MS) {
      this.#probedAt = now;
      void this.#probeDisk();
    }
    if (this.#running.size + this.#waiting.size + this.#blocked.size === 0) {
      this.#ticker?.cancel();
      this.#ticker = undefined;
    }
  }

  /** Lets those go on whose trouble is over; in the order in which it came. */
  async #probeDisk(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      for (const download of [...this.#blocked]) {
        const { error, waitsUntil } = download;
        // Without one it was cancelled, or paused by a person, while others were looked at.
        if (!error || this.#parts.clock.monotonic() < waitsUntil) continue;
        if (!(await this.#parts.diskRecovered(error, download))) continue;
        if (!this.#blocked.delete(download) || !download.apply('resumed')) continue;
        download.pauseCause = undefined;
        this.#parts.changed(download);
        this.enqueue(download);
      }
    } finally {
      this.#probing = false;
    }
  }

  #log(download: Download, event: string, error?: CompartidosError): void {
    const { path, target, reason, classic } = download.facts;
    const fields = { path, target: download.placedAt ?? target, reason, size: download.size };
    // Rules fetch small files by the thousand.
    const isMinor = reason === 'rule' && classic === undefined && isSmall(download);
    if (!error) this.#parts.logger[isMinor ? 'debug' : 'info'](event, fields);
    else this.#parts.logger.warn(event, { ...fields, code: error.code, ...error.params });
  }
}
