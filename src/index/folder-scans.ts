import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ChangeWriter } from './change-writer.ts';
import { FolderScan, type ScanParts } from './folder-scan.ts';
import type { FolderState } from './folder-state.ts';
import type { FolderTroubles } from './folder-troubles.ts';
import { TOP, type FolderPlace } from './found-item.ts';
import type { SkippedFiles } from './skipped-files.ts';
import type { WatchedFolders } from './watched-folders.ts';

export interface FolderScansParts extends Omit<ScanParts, 'walk' | 'onNewFolder'> {
  readonly walk: Omit<ScanParts['walk'], 'onFolder' | 'onSkipped'>;
  readonly writer: ChangeWriter;
  readonly state: FolderState;
  readonly troubles: FolderTroubles;
  readonly skipped: SkippedFiles;
  readonly watched: WatchedFolders;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted while nothing is to be scanned. */
  readonly signal: () => AbortSignal;
  /** See ChangeFinderParts. */
  readonly onIgnoring: () => void;
}

/** Scans of folders, or of everything, one at a time. What they meet is watched from then on. */
export class FolderScans {
  readonly #parts: FolderScansParts;
  /** Folders, as the disk spells them, that are about to be watched and scanned anew. */
  readonly #anew = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: FolderScansParts) {
    this.#parts = parts;
  }

  /** Resolves when those that were asked for are over. */
  async ended(): Promise<void> {
    await this.#last;
  }

  /** Compares a folder, or everything, with the index. Says whether it came to its end. */
  scan(start: FolderPlace = TOP): Promise<boolean> {
    const scan = this.#last.then(() => this.#scan(start));
    this.#last = scan;
    return scan;
  }

  /** The same, where the system may not have told of everything: a directory may be another one than is watched. */
  scanAnew(start: FolderPlace = TOP): void {
    const { native } = start;
    if (this.#anew.has(native)) return;
    this.#anew.add(native);
    void this.#last.then(() => this.#anew.delete(native) && this.#parts.watched.unwatchTree(native));
    void this.scan(start);
  }

  async #scan(start: FolderPlace): Promise<boolean> {
    const { writer, state, troubles, skipped, watched, clock, logger, disk } = this.#parts;
    const signal = this.#parts.signal();
    if (signal.aborted || state.folderProblem) return false;
    const isFull = start.path === undefined;
    const began = clock.monotonic();
    // It compares with what is stored: what was found before, as by a scan that has just ended, has to be there.
    writer.tryFlush();
    if (isFull) {
      troubles.scanBegins();
      skipped.beginScan();
      // A stick that was pulled out and put in again: what is watched is not there any more.
      troubles.orUnread(() => disk.isRenumbered && watched.unwatchTree(TOP.native));
    }
    const found = await troubles.orLost(() => new FolderScan(this.#scanParts(), signal).run(start));
    if (found === undefined || signal.aborted) return false;
    if (this.#parts.walk.rules.takeChange()) this.#parts.onIgnoring();
    if (isFull) {
      skipped.endScan();
      disk.scanned(() => writer.flush());
      troubles.scanEnded();
      logger.debug('folder.scanned', { items: found, ms: Math.round(clock.monotonic() - began) });
    }
    return true;
  }

  #scanParts(): ScanParts {
    const { skipped, watched } = this.#parts;
    return {
      ...this.#parts,
      walk: {
        ...this.#parts.walk,
        onSkipped: (native, reason) => skipped.add(native, reason),
        onFolder: (place) => watched.watch(place),
      },
      onNewFolder: ({ native }) => watched.unwatchTree(native),
    };
  }
}
