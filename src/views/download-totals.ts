import type { DownloadView } from '../agent-api.ts';
import type { Clock } from '../core/clock.ts';
import {
  formatDuration,
  formatPercent,
  formatRate,
  formatSeconds,
  formatSize,
} from '../language/quantities.ts';
import { translate, type Language } from '../language/translate.ts';
import { isSizeUnknown } from './download-lines.ts';

/** So many ends of downloads have a line each; of more, one line says how many they were. */
export const FEW = 20;
/** ms over which the speed is measured. */
const RATE_MS = 5000;

/** What a download that has not ended has brought; a `size` of 0 is one that is not known. */
interface Share {
  readonly bytes: number;
  readonly size: number;
}

interface Sample {
  readonly at: number;
  readonly received: number;
}

/**
 * How far many downloads are, together, and how fast: of small files, hardly one is seen while it is on its way. Counted as
 * each is told of, since there may be hundreds of thousands.
 */
export class DownloadTotals {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #begunAt: number;
  #endedAt: number;
  readonly #open = new Map<string, Share>();
  #done = 0;
  #failed = 0;
  #cancelled = 0;
  /** Of those that are done or go on, where the size is known. */
  #bytes = 0;
  #size = 0;
  /** Bytes that have come since the beginning; never less than before. */
  #received = 0;
  #samples: Sample[];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#begunAt = this.#endedAt = clock.monotonic();
    this.#samples = [{ at: this.#begunAt, received: 0 }];
  }

  /** How many there are of which it has taken note. */
  get count(): number {
    return this.#open.size + this.#ended;
  }

  /** How many have not ended. */
  get open(): number {
    return this.#open.size;
  }

  get isAllCancelled(): boolean {
    return this.#cancelled === this.count;
  }

  /** Whether it has taken note of this one, which has not ended. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Takes note of how a download is now; of one that has ended, once. */
  note(download: DownloadView): void {
    const { id, state, size } = download;
    const before = this.#open.get(id);
    if (!hasEnded(download)) {
      const share = { bytes: download.bytes, size: isSizeUnknown(download) ? 0 : size };
      this.#count(before, share);
      this.#open.set(id, share);
      if (before) this.#receive(share.bytes - before.bytes);
      return;
    }
    this.#open.delete(id);
    this.#endedAt = this.#clock.monotonic();
    const isDone = state === 'done';
    this.#count(before, isDone ? { bytes: size, size } : undefined);
    if (isDone) {
      this.#done += 1;
      this.#receive(size - (before?.bytes ?? 0));
    } else if (state === 'failed') this.#failed += 1;
    else this.#cancelled += 1;
  }

  /** Counts a download that has not ended no longer. */
  leave(id: string): void {
    this.#count(this.#open.get(id), undefined);
    this.#open.delete(id);
  }

  /** `412 of 5,000 files, 24.7 MB of 300 MB, 8 %, 12.3 MB/s, 0:22` */
  progressLine(language: Language): string {
    const rate = this.#rate();
    const left = this.#size - this.#bytes;
    return translate(language, 'view.fetching', {
      done: this.#ended,
      count: this.count,
      ...(this.#size > 0
        ? { bytes: this.#bytes, size: formatSize(language, this.#size) }
        : { bytes: '', size: '' }),
      percent: this.#size > 0 ? formatPercent(this.#bytes, this.#size) : '–',
      rate: rate === undefined ? '' : formatRate(language, rate),
      left: rate && left > 0 ? formatSeconds(left / rate) : '',
    });
  }

  /** `✓ 5,000 files, 300 MB in 12 s`, and how many have failed. */
  summary(language: Language): string {
    return translate(language, 'view.ended', {
      mark: this.#failed === 0 ? '✓' : '✗',
      files: this.#done,
      bytes: this.#bytes,
      time: formatDuration(language, (this.#endedAt - this.#begunAt) / 1000),
      failed: this.#failed || '',
      cancelled: this.#cancelled || '',
    });
  }

  get #ended(): number {
    return this.#done + this.#failed + this.#cancelled;
  }

  #count(before: Share | undefined, now: Share | undefined): void {
    for (const [share, sign] of [
      [before, -1],
      [now, 1],
    ] as const) {
      if (!share || share.size === 0) continue;
      this.#bytes += sign * share.bytes;
      this.#size += sign * share.size;
    }
  }

  #receive(bytes: number): void {
    this.#received += Math.max(0, bytes);
  }

  /** Bytes a second of late; undefined before any time has passed. */
  #rate(): number | undefined {
    const at = this.#clock.monotonic();
    this.#samples.push({ at, received: this.#received });
    while (this.#samples[1]!.at <= at - RATE_MS && this.#samples.length > 2) this.#samples.shift();
    const first = this.#samples[0]!;
    return at === first.at ? undefined : ((this.#received - first.received) * 1000) / (at - first.at);
  }
}

export function hasEnded({ state }: DownloadView): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
