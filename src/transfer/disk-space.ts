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

/** A look at the disk: how many bytes are available on it, as soon as that is known. */
interface Look {
  /** Monotonic ms. */
  readonly at: number;
  readonly available: Promise<number>;
  known: number | undefined;
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
  #looked: Look | undefined;

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

  /**
   * A promise only where the disk has to be asked.
   * @throws DISK_FULL when `bytes` are not free for the file `path`.
   */
  reserve(bytes: number, path: string): Reservation | Promise<Reservation> {
    const { known, available } = this.#look();
    if (known !== undefined) return this.#promise(bytes, path, known);
    return available.then((found) => this.#promise(bytes, path, found));
  }

  /** Bytes that may still be promised; negative when what is to be kept free is in use already. */
  async free(): Promise<number> {
    return this.#freeOf(await this.#look().available);
  }

  #promise(bytes: number, path: string, available: number): Reservation {
    const free = this.#freeOf(available);
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

  #freeOf(available: number): number {
    return available - this.#minFree - this.#promised - this.#written;
  }

  #look(): Look {
    const now = this.#clock.monotonic();
    if (this.#looked && now - this.#looked.at <= FRESH_MS) return this.#looked;
    const available = this.#fileSystem.space(this.#folder).then((space) => space.available);
    const look: Look = { at: now, available, known: undefined };
    available.then(
      (bytes) => (look.known = bytes),
      () => (this.#looked = undefined),
    );
    this.#looked = look;
    this.#written = 0;
    return look;
  }
}
