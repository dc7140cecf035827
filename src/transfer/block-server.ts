import { blake3 } from '../core/blake3.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockCount, blockRange, blockSizeFor } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { AccessPolicy } from '../security/access-policy.ts';
import type { Network } from '../transport/network.ts';
import type { BlockRequest, Refusal } from '../wire/messages/message.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { BlockReader } from './block-reader.ts';
import { sameHash } from './hash-key.ts';
import type { Swarm } from './swarm.ts';

export interface BlockServerParts {
  readonly network: Network;
  readonly index: LocalIndex;
  readonly access: AccessPolicy;
  readonly swarm: Swarm;
  readonly bandwidth: Bandwidth;
  /** Started before this, and stopped after it, by whoever made it. */
  readonly reader: BlockReader;
  readonly clock: Clock;
}

/** ms without a request after which no file is held open. */
const IDLE_MS = 10_000;

/** Answers requests for blocks, of files in the index and of those that are still being received. */
export class BlockServer implements Startable {
  readonly #parts: BlockServerParts;
  #served = 0;
  #servedAt = -Infinity;
  #ticker: Timer | undefined;

  constructor(parts: BlockServerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#ticker) return;
    let servedBefore = 0;
    this.#ticker = this.#parts.clock.every(IDLE_MS, () => {
      if (this.#served === servedBefore) {
        this.#parts.reader.closeAll();
        blockBuffers.clear();
      }
      servedBefore = this.#served;
    });
    this.#parts.network.serveBlocks(({ device }, request) => this.serve(device, request));
  }

  async stop(): Promise<void> {
    this.#ticker?.cancel();
    this.#ticker = undefined;
    this.#parts.reader.closeAll();
  }

  /** Whether somebody has asked for something within the last seconds. */
  get isBusy(): boolean {
    return this.#parts.clock.monotonic() - this.#servedAt < IDLE_MS;
  }

  /**
   * The block that `device` asks for. Rejects with REQUEST_REFUSED: `denied` by the policy; `changed` when the file is
   * not (or no longer) the content asked for; `not-found` when there is no such file or block; `failed` when it cannot
   * be read.
   */
  async serve(device: DeviceId, request: BlockRequest): Promise<Uint8Array> {
    this.#served += 1;
    this.#servedAt = this.#parts.clock.monotonic();
    this.#demandAccess(device, request.path);
    const entry = this.#find(request);
    if (entry) {
      if (entry.path !== request.path) this.#demandAccess(device, entry.path);
      const { offset, length } = this.#blockOf(entry, request);
      await this.#keepLimits(device, length);
      const { index } = this.#parts;
      const wasDoubted = index.isDoubted(entry.path);
      const bytes = await this.#read(entry, offset, length);
      if (wasDoubted || index.isDoubted(entry.path)) this.#demandRight(entry, bytes, request.hash);
      return bytes;
    }
    const receiving = request.content.length > 0 ? this.#parts.swarm.find(request.content) : undefined;
    if (!receiving) throw refusal(this.#parts.index.get(request.path) ? 'changed' : 'not-found');
    this.#demandAccess(device, receiving.path);
    const { index, length } = this.#blockOf(receiving.content, request);
    if (!receiving.have.has(index)) throw refusal('not-found');
    await this.#keepLimits(device, length);
    const bytes = await orFailed(receiving.read(index));
    if (bytes.length !== length) throw refusal('failed');
    return bytes;
  }

  /** The file with the content asked for: under the path asked for, or under another to which it was moved. */
  #find({ path, content }: BlockRequest): FileEntry | undefined {
    const { index } = this.#parts;
    const entry = index.get(path);
    const live = entry?.type === 'file' && !entry.deleted;
    if (content.length === 0) return live ? entry : undefined;
    if (live && entry.hash && sameHash(entry.hash, content)) return entry;
    return index.withHash(content)[0];
  }

  /** Which of the file's blocks is asked for: nothing but a whole one, with its very hash, is served. */
  #blockOf(entry: FileEntry, { offset, length, hash }: BlockRequest) {
    const index = offset / blockSizeFor(entry.size);
    if (!Number.isSafeInteger(index) || index < 0 || index >= blockCount(entry.size))
      throw refusal('not-found');
    if (length !== blockRange(entry.size, index).length) throw refusal('not-found');
    const known = blockHash(entry, index);
    if (!known || !sameHash(known, hash)) throw refusal('not-found');
    return { index, offset, length };
  }

  async #read(entry: FileEntry, offset: number, length: number): Promise<Uint8Array> {
    const { index, reader } = this.#parts;
    const bytes = await orFailed(reader.read(index.locate(entry.path), entry, offset, length));
    if (bytes === 'changed') throw refusal('changed');
    return bytes;
  }

  /**
   * Whoever sends a wrong block is not asked again: so what may be another file of the same size and time, or may have
   * been damaged by a crash, is compared with its hash first.
   */
  #demandRight({ path }: FileEntry, bytes: Uint8Array, hash: Uint8Array): void {
    if (sameHash(blake3(bytes), hash)) return;
    blockBuffers.give(bytes);
    const { index } = this.#parts;
    index.suspect(path);
    // The other blocks of a damaged file are worth asking for.
    throw refusal(index.isCorrupt(path) ? 'failed' : 'changed');
  }

  #demandAccess(device: DeviceId, path: RelativePath): void {
    const address = this.#parts.network.session(device)?.host ?? '';
    const allowed = this.#parts.access.allows({ kind: 'native', device, address }, { type: 'read', path });
    if (!allowed) throw refusal('denied');
  }

  /** Waits for its turn. Each takes its bytes at once, and so lets the next one wait longer. */
  async #keepLimits(device: DeviceId, bytes: number): Promise<void> {
    const delay = this.#parts.bandwidth.delay('up', device);
    this.#parts.bandwidth.take('up', device, bytes);
    if (delay > 0) await this.#parts.clock.sleep(delay);
  }
}

function refusal(reason: Refusal['reason'], cause?: unknown): CompartidosError {
  return new CompartidosError('REQUEST_REFUSED', { reason }, { cause });
}

async function orFailed<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const gone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemErrorCode(error) ?? '');
    throw refusal(gone ? 'changed' : 'failed', error);
  }
}
