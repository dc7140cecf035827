import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';

/** ms for which a look at the free space holds. */
const FRESH_MS = 1000;

/** Space that was promised to a download. */
export interface Reservation {
  /** That many bytes of it are written, and so gone from what is free. */
  wrote(bytes: number): void;
  /** Gives back what was not written. Idempotent. */
  release(): void;
}

/** Keeps the space free that the settings say, and promises the rest to one download each. */
export class DiskSpace {
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #folder: string;
  #minFree: number;
  #promised = 0;
  /** Bytes written since the last look. */
  #written = 0;
  #looked: { readonly at: number; readonly available: Promise<number> } | undefined;

  constructor(parts: { fileSystem: FileSystem; clock: Clock; folder: string; minFree: number }) {
    this.#fileSystem = parts.fileSystem;
    this.#clock = parts.clock;
    this.#folder = parts.folder;
    this.#minFree = parts.minFree;
  }

  /** Bytes to be kept free. */
  configure(minFree: number): void {
    this.#minFree = minFree;
  }

  /** @throws DISK_FULL when `bytes` are not free for the file `path`. */
  async reserve(bytes: number, path: string): Promise<Reservation> {
    // In one turn with the promise, so that what is free is promised once.
    const free = this.#freeOf(await this.#available());
    if (free < bytes) {
      const kept = this.#minFree > 0 ? { kept: this.#minFree } : {};
      throw new CompartidosError('DISK_FULL', { path, needed: bytes, free: Math.max(0, free), ...kept });
    }
    this.#promised += bytes;
    let left = bytes;
    const wrote = (written: number) => {
      const counted = Math.min(left, written);
      left -= counted;
      this.#promised -= counted;
      this.#written += counted;
    };
    const release = () => {
      this.#promised -= left;
      left = 0;
    };
    return { wrote, release };
  }

  /** Bytes that may still be promised; negative when what is to be kept free is in use already. */
  async free(): Promise<number> {
    return this.#freeOf(await this.#available());
  }

  #freeOf(available: number): number {
    return available - this.#minFree - this.#promised - this.#written;
  }

  #available(): Promise<number> {
    const now = this.#clock.monotonic();
    if (!this.#looked || now - this.#looked.at > FRESH_MS) {
      const available = this.#fileSystem.space(this.#folder).then((space) => space.available);
      available.catch(() => (this.#looked = undefined));
      this.#looked = { at: now, available };
      this.#written = 0;
    }
    return this.#looked.available;
  }
}
