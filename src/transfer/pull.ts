import { CompartidosError } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { blockHash, isHashed } from '../model/file-entry.ts';
import { HASH_BYTES } from '../model/block-layout.ts';
import { compareVersions } from '../model/version-vector.ts';
import type { BlockMap } from './block-map.ts';
import { ownSegment, pickInOrder, pickRarest } from './block-picker.ts';
import type { Choice } from './block-picker.ts';
import { hashKey } from './hash-key.ts';
import type { Interruption } from './interruption.ts';
import { PullSource } from './pull-source.ts';
import type { Source } from './pull-source.ts';

/** One content to pull. */
export interface Want {
  readonly content: FileEntry;
  /** The blocks that are here. The pull adds to it. */
  readonly have: BlockMap;
  /**
   * Keeps a verified block; what takes time returns a promise. Its bytes are lent until that is done, unless `ownsBytes`.
   */
  readonly write: (index: number, bytes: Uint8Array) => Promise<void> | undefined;
  /** Whether `write` keeps the bytes themselves. */
  readonly ownsBytes?: boolean | undefined;
  /** Lower goes first. */
  readonly rank: number;
  /** Devices that are known to have it under its path. */
  readonly devices: readonly DeviceId[];
  readonly interruption: Interruption;
  /** A verified block from `device` is kept. */
  readonly onBlock?: (device: DeviceId, bytes: number) => void;
  /** The content, which its source was still hashing when the pull began, has all its hashes. */
  readonly onHashed?: ((content: FileEntry) => void) | undefined;
}

/** ms after which a block is asked of a second source when there is nothing else to ask of it. */
const ENDGAME_AFTER_MS = 300;

/** The state of one pull: who has what, who was asked for what, what to ask next. Does no input or output. */
export class Pull {
  readonly want: Want;
  readonly rank: number;
  /** Resolves with the content, complete. */
  readonly finished: Promise<FileEntry>;
  /** Called when it is over. */
  onOver: (() => void) | undefined;
  /** Whether all of the catalogue has been searched for sources, not only the devices named. */
  thorough: boolean;
  #content: FileEntry;
  #key: string | undefined;
  readonly #self: DeviceId;
  #sources: readonly PullSource[] = [];
  /** When each block under way was first asked for, and of whom. */
  readonly #asked = new Map<number, { readonly since: number; devices: readonly DeviceId[] }>();
  /** Blocks that were known when the places to begin in were last chosen. */
  #spread = 0;
  #over = false;
  #resolve!: (content: FileEntry) => void;
  #reject!: (error: unknown) => void;

  constructor(want: Want, self: DeviceId) {
    this.want = want;
    this.rank = want.rank;
    this.#content = want.content;
    this.#key = want.content.hash && hashKey(want.content.hash);
    this.#self = self;
    this.thorough = want.have.length > 1 || want.devices.length === 0;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get content(): FileEntry {
    return this.#content;
  }

  /** The hashKey of the content; undefined while its source still hashes it. */
  get key(): string | undefined {
    return this.#key;
  }

  get over(): boolean {
    return this.#over;
  }

  get sources(): readonly PullSource[] {
    return this.#sources;
  }

  source(device: DeviceId): PullSource | undefined {
    return this.#sources.find((source) => source.device === device);
  }

  /** Missing blocks that nobody was asked for and whose hashes are known. */
  get unasked(): number {
    return this.#known - this.want.have.count - this.#asked.size;
  }

  get askedFor(): number {
    return this.#asked.size;
  }

  /** Every block whose hash is known is here, but the source has not hashed all of the file yet. */
  get waitsForHashes(): boolean {
    return !isHashed(this.#content) && this.want.have.count === this.#known;
  }

  /** Takes the sources that there are now; those known already keep what was learnt about them. */
  setSources(sources: readonly Source[]): void {
    this.#sources = sources.map((source, position) => {
      const known = this.source(source.device);
      known?.update(source);
      const cursor = Math.floor((this.want.have.length * position) / sources.length);
      return known ?? new PullSource(source, cursor);
    });
  }

  /** Takes over what a source has hashed of the file. Returns false when `content` is not the same content. */
  grow(content: FileEntry): boolean {
    const known = this.#content.blocks;
    if (compareVersions(content.version, this.#content.version) !== 'equal') return false;
    if (content.size !== this.#content.size) return false;
    const both = Math.min(known.length, content.blocks.length);
    if (Buffer.compare(content.blocks.subarray(0, both), known.subarray(0, both)) !== 0) return false;
    if (content.blocks.length > both || content.hash) this.#content = content;
    this.#key = this.#content.hash && hashKey(this.#content.hash);
    return true;
  }

  /**
   * As long as the file is being hashed, nobody can say what of it he has. `others`, connected too, may be receiving it
   * at once: in what has become known since, each begins in another place, so that they do not all fetch the same.
   */
  spread(others: readonly DeviceId[]): void {
    const from = this.#spread;
    this.#spread = this.#known;
    if (others.length === 0 || this.#known === from) return;
    const members = [this.#self, ...others].sort();
    const own = ownSegment(this.#known - from, members.indexOf(this.#self), members.length);
    for (const source of this.#sources) source.cursor = from + own.from;
  }

  /** The block to ask of `device` next, if any. */
  pick(device: DeviceId, now: number, random: () => number): number | undefined {
    const source = this.source(device);
    if (!source?.usable(now)) return undefined;
    if (this.unasked <= 0) return this.#pickAgain(source, now);
    const choice: Choice = {
      length: Math.min(this.want.have.length, this.#known),
      wanted: (index) => !this.want.have.has(index) && !this.#asked.has(index) && source.has(index),
      holders: (index) => this.#holders(index),
    };
    const receivers = this.#sources.filter(({ have }) => have !== undefined);
    if (receivers.length === 0) return pickInOrder(choice, source.cursor);
    const members = [this.#self, ...receivers.map((receiver) => receiver.device)].sort();
    const own = ownSegment(choice.length, members.indexOf(this.#self), members.length);
    return pickRarest(choice, own, random());
  }

  /** Whether `source` has a block that nobody was asked for. */
  canAsk(source: PullSource): boolean {
    for (let index = 0; this.unasked > 0 && index < this.#known; index += 1) {
      if (!this.want.have.has(index) && !this.#asked.has(index) && source.has(index)) return true;
    }
    return false;
  }

  asked(index: number, device: DeviceId, now: number): void {
    const asked = this.#asked.get(index);
    const source = this.source(device);
    if (source) source.cursor = index + 1;
    if (!asked) this.#asked.set(index, { since: now, devices: [device] });
    else if (!asked.devices.includes(device)) asked.devices = [...asked.devices, device];
  }

  /** `device` will not answer any more for `index`. */
  unanswered(index: number, device: DeviceId): void {
    const asked = this.#asked.get(index);
    if (!asked) return;
    asked.devices = asked.devices.filter((one) => one !== device);
    if (asked.devices.length === 0) this.#asked.delete(index);
  }

  /** The block is kept. Returns whether that was the last. */
  kept(index: number): boolean {
    this.#asked.delete(index);
    this.want.have.add(index);
    return this.want.have.complete && isHashed(this.#content);
  }

  hash(index: number): Uint8Array {
    return blockHash(this.#content, index)!;
  }

  finish(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.onOver?.();
    if (error === undefined) this.#resolve(this.#content);
    else this.#reject(error);
  }

  /** What to say when there is no source left. */
  get lastError(): CompartidosError {
    const errors = this.#sources.flatMap(({ error }) => error ?? []);
    const worst = errors.find(({ code }) => code === 'HASH_MISMATCH') ?? errors[0];
    return worst ?? new CompartidosError('NO_SOURCE', { path: this.#content.path });
  }

  get #known(): number {
    return this.#content.blocks.length / HASH_BYTES;
  }

  #holders(index: number): number {
    return this.#sources.filter((source) => source.has(index)).length;
  }

  /** All blocks are under way: the one that has been longest, if this source may be quicker. */
  #pickAgain(source: PullSource, now: number): number | undefined {
    let oldest: number | undefined;
    let since = now - ENDGAME_AFTER_MS;
    for (const [index, asked] of this.#asked) {
      if (asked.since > since || asked.devices.includes(source.device) || !source.has(index)) continue;
      oldest = index;
      since = asked.since;
    }
    return oldest;
  }
}
