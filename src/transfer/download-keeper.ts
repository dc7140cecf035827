import type { Clock, Timer } from '../core/clock.ts';
import type { Documents } from '../index/document-store.ts';
import type { Download } from './download.ts';
import { isSmall } from './download-order.ts';
import { keptState, readRecord, writeRecord } from './download-records.ts';

/** ms in which changes are collected for one transaction. */
const COLLECT_MS = 50;

/**
 * Keeps downloads between runs. Small files that a rule wants are left out: it asks for them again, and nothing of them
 * is worth keeping.
 */
export class DownloadKeeper {
  readonly #documents: Documents;
  readonly #clock: Clock;
  /** What is kept of each, as `stampOf` says. */
  readonly #kept = new Map<string, string>();
  readonly #changed = new Set<Download>();
  readonly #forgotten = new Set<string>();
  #timer: Timer | undefined;

  constructor(documents: Documents, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** Those that an earlier run has left. */
  load(): Download[] {
    return [...this.#documents.all()].flatMap(([id, json]) => {
      const download = readRecord(id, json);
      this.#kept.set(id, download ? stampOf(download) : '');
      return download ?? [];
    });
  }

  /** The download's state or order has changed. */
  changed(download: Download): void {
    if (!this.#kept.has(download.id) && !isWorthKeeping(download)) return;
    this.#changed.add(download);
    this.#flushSoon();
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const changes: [string, unknown][] = [...this.#forgotten].map((id) => [id, undefined]);
    for (const download of this.#changed) {
      if (this.#forgotten.has(download.id)) continue;
      const isOver = download.state === 'done' || download.state === 'cancelled';
      if (!isOver) {
        const stamp = stampOf(download);
        // What finds no source is tried again and again, and there may be thousands: the disk has no rest otherwise.
        if (this.#kept.get(download.id) === stamp) continue;
        changes.push([download.id, writeRecord(download)]);
        this.#kept.set(download.id, stamp);
      } else if (this.#kept.delete(download.id)) {
        changes.push([download.id, undefined]);
      }
    }
    this.#changed.clear();
    this.#forgotten.clear();
    if (changes.length > 0) this.#documents.write(changes);
  }

  /** Written with the other changes: to forget each by itself would wait for the disk tens of thousands of times. */
  forget(id: string): void {
    if (!this.#kept.delete(id)) return;
    this.#forgotten.add(id);
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#timer ??= this.#clock.after(COLLECT_MS, () => this.flush());
  }
}

/** Another one whenever there is something else to be kept. */
function stampOf(download: Download): string {
  return `${keptState(download)} ${download.orders}`;
}

function isWorthKeeping(download: Download): boolean {
  const { reason, classic } = download.facts;
  return reason === 'person' || classic !== undefined || !isSmall(download);
}
