import { blake3 } from '../core/blake3.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockCount, blockRange, blockSizeFor } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { AccessPolicy } from '../security/access-policy.ts';
import type { BlockAnswer, Network } from '../transport/network.ts';
import type { Refusal, WantedBlock } from '../wire/messages/message.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { BlockReader, PartRead, WantedPart } from './block-reader.ts';
import { sameHash } from './hash-key.ts';
import type { Receiving, Swarm } from './swarm.ts';
import { UploadTurns } from './upload-turns.ts';

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

/** A block of a file in the index. */
interface OwnBlock {
  readonly entry: FileEntry;
  readonly number: number;
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
  readonly hash: Uint8Array;
}

/** A block of a file that is still being received. */
interface ReceivingBlock {
  readonly receiving: Receiving;
  readonly number: number;
  readonly length: number;
  readonly hash: Uint8Array;
}

/** ms without a request after which no file is held open. */
const IDLE_MS = 10_000;

/** Answers requests for blocks, of files in the index and of those that are still being received. */
export class BlockServer implements Startable {
  readonly #parts: BlockServerParts;
  readonly #turns: UploadTurns;
  #served = 0;
  #servedAt = -Infinity;
  #ticker: Timer | undefined;

  constructor(parts: BlockServerParts) {
    this.#parts = parts;
    this.#turns = new UploadTurns(parts);
  }

  async start(): Promise<void> {
    if (this.#ticker) return;
    let servedBefore = 0;
    this.#ticker = this.#parts.clock.every(IDLE_MS, () => {
      if (this.#served === servedBefore) this.#parts.reader.closeAll();
      // Those that we receive into, too: only this timer runs as long as the agent.
      blockBuffers.rest();
      servedBefore = this.#served;
    });
    this.#parts.network.serveBlocks(({ device }, wanted, compare) => this.serve(device, wanted, compare));
  }

  async stop(): Promise<void> {
    this.#ticker?.cancel();
    this.#ticker = undefined;
    this.#turns.stop();
    this.#parts.reader.closeAll();
  }

  /** Whether somebody has asked for something within the last seconds. */
  get isBusy(): boolean {
    return this.#parts.clock.monotonic() - this.#servedAt < IDLE_MS;
  }

  /**
   * An answer to each block that `device` asks for: `denied` by the policy; `changed` when the file is not (or no longer)
   * the content asked for; `not-found` when there is no such file or block; `failed` when it cannot be read; `busy` when
   * the limits let it pass only later. The bytes of our own files lie one after the other. With `compare` no block is sent
   * that has another hash than was asked for.
   */
  async serve(device: DeviceId, wanted: readonly WantedBlock[], compare = false): Promise<BlockAnswer[]> {
    this.#served += 1;
    this.#servedAt = this.#parts.clock.monotonic();
    const found = wanted.map((block) => this.#find(device, block));
    const bytes = found.reduce((sum, block) => sum + (typeof block === 'string' ? 0 : block.length), 0);
    if (bytes > 0 && !(await this.#turns.wait(device, bytes))) {
      return found.map((block) => (typeof block === 'string' ? block : 'busy'));
    }
    const own = await this.#readOwn(
      found.filter((block) => typeof block !== 'string' && 'entry' in block),
      compare,
    );
    return Promise.all(
      found.map(async (block) => {
        if (typeof block === 'string') return block;
        if ('entry' in block) return own.get(block)!;
        const answer = await readReceiving(block);
        return compare && isWrong(answer, block.hash) ? 'failed' : answer;
      }),
    );
  }

  /** A block of the file with the content asked for, or why it cannot be had. */
  #find(device: DeviceId, wanted: WantedBlock): OwnBlock | ReceivingBlock | Refusal {
    const { index, swarm } = this.#parts;
    const { path, content, length, hash } = wanted;
    if (!this.#mayRead(device, path)) return 'denied';
    const entry = this.#entryOf(wanted);
    if (entry) {
      if (entry.path !== path && !this.#mayRead(device, entry.path)) return 'denied';
      const { offset } = wanted;
      const number = blockNumber(entry, wanted);
      return number === undefined ? 'not-found' : { entry, number, offset, length, hash };
    }
    const receiving = content.length > 0 ? swarm.find(content) : undefined;
    if (!receiving) return index.get(path) ? 'changed' : 'not-found';
    if (!this.#mayRead(device, receiving.path)) return 'denied';
    const number = blockNumber(receiving.content, wanted);
    if (number === undefined || !receiving.have.has(number)) return 'not-found';
    return { receiving, number, length, hash };
  }

  /** The file with the content asked for: under the path asked for, or under another to which it was moved. */
  #entryOf({ path, content }: WantedBlock): FileEntry | undefined {
    const { index } = this.#parts;
    const entry = index.get(path);
    const live = entry?.type === 'file' && !entry.deleted;
    if (content.length === 0) return live ? entry : undefined;
    if (live && entry.hash && sameHash(entry.hash, content)) return entry;
    return index.withHash(content)[0];
  }

  async #readOwn(blocks: readonly OwnBlock[], compare: boolean): Promise<Map<OwnBlock, BlockAnswer>> {
    const { index, reader } = this.#parts;
    let end = 0;
    const parts = blocks.map(({ entry, offset, length }): WantedPart => {
      const at = end;
      end += length;
      return { path: index.locate(entry.path), expected: entry, offset, length, at };
    });
    if (parts.length === 0) return new Map();
    // Whoever sends a wrong block twice is not asked again: so what may be another file of the same size and time, or may
    // have been damaged by a crash, is compared with its hash first.
    const wereDoubted = blocks.map(({ entry }) => compare || index.isDoubted(entry.path));
    const { bytes: all, results } = await reader.read(end, parts);
    const answers = new Map<OwnBlock, BlockAnswer>();
    for (const [at, block] of blocks.entries()) {
      const part = parts[at]!;
      const bytes = all.subarray(part.at, part.at + part.length);
      const isDoubted = wereDoubted[at]! || index.isDoubted(block.entry.path);
      let refusal = refusalOf(results[at]!);
      if (!refusal && isDoubted && isWrong(bytes, block.hash)) refusal = await this.#whyWrong(block);
      if (refusal !== undefined) blockBuffers.give(bytes);
      answers.set(block, refusal ?? bytes);
    }
    return answers;
  }

  async #whyWrong({ entry: { path }, number }: OwnBlock): Promise<Refusal> {
    const { index } = this.#parts;
    // What is doubted is read as a whole, when its turn comes.
    if (!index.isDoubted(path)) {
      await index.recheck(path, number);
      if (index.isCorrupt(path)) return 'failed';
    }
    index.suspect(path);
    // The other blocks of a damaged file are worth asking for.
    return index.isCorrupt(path) ? 'failed' : 'changed';
  }

  #mayRead(device: DeviceId, path: RelativePath): boolean {
    const address = this.#parts.network.session(device)?.host ?? '';
    return this.#parts.access.allows({ kind: 'native', device, address }, { type: 'read', path });
  }
}

/** Which of the file's blocks is asked for; undefined when it is none: only a whole one, with its very hash, is served. */
function blockNumber(entry: FileEntry, { offset, length, hash }: WantedBlock): number | undefined {
  const number = offset / blockSizeFor(entry.size);
  if (!Number.isSafeInteger(number) || number < 0 || number >= blockCount(entry.size)) return undefined;
  if (length !== blockRange(entry.size, number).length) return undefined;
  const known = blockHash(entry, number);
  return known && sameHash(known, hash) ? number : undefined;
}

function isWrong(answer: BlockAnswer, hash: Uint8Array): boolean {
  return typeof answer !== 'string' && !sameHash(blake3(answer), hash);
}

async function readReceiving({ receiving, number, length }: ReceivingBlock): Promise<BlockAnswer> {
  try {
    const bytes = await receiving.read(number);
    return bytes.length === length ? bytes : 'failed';
  } catch (error) {
    return whyUnread(error);
  }
}

function refusalOf(result: PartRead): Refusal | undefined {
  if (result === 'read') return undefined;
  return result === 'changed' ? 'changed' : whyUnread(result);
}

function whyUnread(error: unknown): Refusal {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemErrorCode(error) ?? '') ? 'changed' : 'failed';
}
