import type { ExecutionContext } from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import { blockCount, blockRange } from '../../src/model/block-layout.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { BlockRequest, Message } from '../../src/wire/messages/message.ts';
import { hello, RawPeer } from './raw-peer.ts';
import { testIdentity } from './test-identity.ts';

const INDEX_ID = 'aaaaaaaaaaaaaaaa';

/** The blocks of `bytes`. */
export function blocksIn(bytes: Buffer): Buffer[] {
  return Array.from({ length: blockCount(bytes.length) }, (_, index) => {
    const { offset, length } = blockRange(bytes.length, index);
    return bytes.subarray(offset, offset + length);
  });
}

/** What an honest device would say of a file with this content. */
export function entryOf(path: string, bytes: Buffer, device: DeviceId): FileEntry {
  const blocks = Buffer.concat(blocksIn(bytes).map((block) => blake3(block)));
  return {
    path: parseRelativePath(path),
    ...{ type: 'file', deleted: false, size: bytes.length, mtimeUs: 1_700_000_000_000_000 },
    ...{ executable: false, target: '', version: [{ device, value: 1 }], sequence: 1 },
    blocks: new Uint8Array(blocks),
    hash: new Uint8Array(blake3(blocks)),
  };
}

export interface Lie {
  /** What it announces, given what is true. */
  readonly announce?: (truth: FileEntry) => FileEntry;
  /** The bytes that it sends where `block` was asked for. */
  readonly send?: (block: Buffer, index: number, blocks: readonly Buffer[]) => Uint8Array;
}

/** A native peer that says of one file what is not so, and keeps to the protocol in everything else. */
export class LyingPeer {
  readonly device: DeviceId;
  readonly name: string;
  readonly raw: RawPeer;
  /** Blocks that it was asked for. */
  asked = 0;
  readonly #entry: FileEntry;
  readonly #blocks: readonly Buffer[];
  readonly #lie: Lie;

  private constructor(
    raw: RawPeer,
    name: string,
    device: DeviceId,
    file: { path: string; bytes: Buffer },
    lie: Lie,
  ) {
    const truth = entryOf(file.path, file.bytes, device);
    this.raw = raw;
    this.name = name;
    this.device = device;
    this.#blocks = blocksIn(file.bytes);
    this.#entry = lie.announce?.(truth) ?? truth;
    this.#lie = lie;
  }

  /** Dials the agent on `port` of this machine, and answers it from then on. */
  static async dial(
    t: ExecutionContext,
    port: number,
    name: string,
    file: { path: string; bytes: Buffer },
    lie: Lie,
  ): Promise<LyingPeer> {
    const identity = testIdentity();
    const peer = new LyingPeer(await RawPeer.dial(t, port, identity), name, identity.device, file, lie);
    peer.raw.say(hello({ name }));
    void peer.#answer();
    return peer;
  }

  async #answer(): Promise<void> {
    let heard = 0;
    while (!this.raw.secure.socket.closed) {
      while (heard < this.raw.heard.length) this.#take(this.raw.heard[heard++]!);
      await this.raw.hearMore();
    }
  }

  #take(message: Message): void {
    if (message.type === 'ping') this.raw.say({ type: 'pong', nonce: message.nonce });
    if (message.type === 'index-query') {
      this.raw.say({ type: 'index-update', indexId: INDEX_ID, after: 0, until: 1, entries: [this.#entry] });
    }
    if (message.type === 'block-request') this.#reply(message);
  }

  #reply({ id, blocks }: BlockRequest): void {
    this.asked += blocks.length;
    const bytes = blocks.map(({ offset }) => {
      const index = Math.floor(offset / this.#blocks[0]!.length);
      const block = this.#blocks[index]!;
      return this.#lie.send?.(block, index, this.#blocks) ?? block;
    });
    this.raw.say({ type: 'block-reply', id, outcomes: blocks.map(() => 'sent'), bytes });
  }
}
