import type { Catalogue } from '../catalogue/catalogue.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import { CompartidosError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { blockCount, blockRange } from '../model/block-layout.ts';
import { isHashed } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { linkProblem } from '../model/link-target.ts';
import { nameProblem } from '../model/portable-name.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { BlockMap } from './block-map.ts';
import type { DiskSpace, Reservation } from './disk-space.ts';
import type { Download } from './download.ts';
import { blockRank, isSmall } from './download-order.ts';
import type { IncomingFolder } from './incoming-folder.ts';
import type { Interruption } from './interruption.ts';
import type { Filling } from './local-blocks.ts';
import type { LocalReuse } from './local-reuse.ts';
import type { Arrival, Placer } from './placer.ts';
import type { Want } from './pull.ts';
import type { Puller } from './puller.ts';
import type { Swarm } from './swarm.ts';
import { TemporaryFile } from './temporary-file.ts';

export interface RunParts {
  readonly fileSystem: FileSystem;
  readonly puller: Pick<Puller, 'pull'>;
  readonly swarm: Pick<Swarm, 'join' | 'grown'>;
  readonly reuse: LocalReuse;
  readonly placer: Pick<Placer, 'place'>;
  readonly incoming: IncomingFolder;
  readonly space: DiskSpace;
  readonly catalogue: Pick<Catalogue, 'nameOf'>;
}

/** Tells of runs. */
export interface RunEvents {
  readonly onBytes: (download: Download) => void;
  readonly onComplete: (download: Download) => void;
}

interface InMemory {
  readonly complete: FileEntry;
  readonly bytes: Uint8Array;
}

/** Bytes of a file that its source has hashed before anybody's patience ends. */
const MOST_TO_WAIT_FOR = 2 * 1024 ** 3;

/** One attempt at a download, from what is here already to the file in place. */
export class DownloadRun {
  readonly #parts: RunParts;
  readonly #download: Download;
  readonly #events: RunEvents;
  readonly #interruption: Interruption;
  /** Under which others who receive the file are told what of it is here. */
  #sharedHash: Uint8Array | undefined;

  constructor(parts: RunParts, download: Download, events: RunEvents, interruption: Interruption) {
    this.#parts = parts;
    this.#download = download;
    this.#events = events;
    this.#interruption = interruption;
  }

  /** Rejects with ABORTED when it is interrupted, until all bytes are here. */
  async run(): Promise<RelativePath> {
    const content = this.#download.order.content!;
    demandName(this.#download.order.target, content);
    this.#download.bytes = 0;
    if (content.type !== 'file' || content.size === 0) return this.#place(content, undefined);
    if (!isSmall(content)) return this.#runOnDisk(content);
    const reservation = await this.#parts.space.reserve(content.size, content.path);
    try {
      const placedAt = await this.#runInMemory(content);
      reservation.wrote(content.size);
      return placedAt;
    } finally {
      reservation.release();
    }
  }

  async #runInMemory(content: FileEntry): Promise<RelativePath> {
    const { complete, bytes } =
      blockCount(content.size) === 1 ? await this.#pullBlock(content) : await this.#pullBlocks(content);
    this.#download.bytes = content.size;
    const placedAt = await this.#place(complete, bytes);
    blockBuffers.give(bytes);
    return placedAt;
  }

  /** A content of one block: its bytes stay where they are. */
  async #pullBlock(content: FileEntry): Promise<InMemory> {
    const looking = this.#parts.reuse.wholeBlock(content);
    const local = looking && (await looking);
    if (local) return { complete: content, bytes: local };
    let bytes!: Uint8Array;
    const keep = (_: number, block: Uint8Array) => {
      bytes = block;
      return undefined;
    };
    const complete = await this.#pull(content, new BlockMap(1), keep, { ownsBytes: true });
    return { complete, bytes };
  }

  async #pullBlocks(announced: FileEntry): Promise<InMemory> {
    const content = await this.#awaitHashes(announced);
    const bytes = blockBuffers.take(content.size);
    const have = new BlockMap(blockCount(content.size));
    const write = (index: number, block: Uint8Array) => {
      bytes.set(block, blockRange(content.size, index).offset);
      return undefined;
    };
    await this.#fill(content, { have, write });
    return { complete: await this.#pull(content, have, write), bytes };
  }

  async #runOnDisk(announced: FileEntry): Promise<RelativePath> {
    const content = await this.#awaitHashes(announced);
    const { fileSystem, incoming, swarm, space } = this.#parts;
    const file = await TemporaryFile.open(fileSystem, incoming.pathOf(this.#download.id), content);
    let reservation: Reservation | undefined;
    let leave: (() => void) | undefined;
    try {
      // What an earlier attempt has written is on the disk already.
      if (file.bytes > 0) this.#found(file.bytes);
      reservation = await space.reserve(content.size - file.bytes, content.path);
      const join = (hashed: FileEntry) => {
        const { hash } = hashed;
        if (!hash || leave) return;
        this.#sharedHash = hash;
        leave = swarm.join({
          content: { ...hashed, hash },
          path: this.#download.order.target,
          have: file.have,
          read: (index) => file.read(index),
        });
      };
      join(content);
      const write = async (index: number, bytes: Uint8Array) => {
        await file.write(index, bytes);
        reservation?.wrote(bytes.length);
      };
      await this.#fill(content, { have: file.have, write });
      const complete = await this.#pull(content, file.have, write, { onHashed: join });
      leave?.();
      return await this.#place(complete, file);
    } finally {
      leave?.();
      reservation?.release();
      await file.close();
    }
  }

  /** Takes what is here already. */
  async #fill(content: FileEntry, target: Filling['target']): Promise<void> {
    await this.#parts.reuse.fill({
      content,
      older: this.#download.order.target,
      target,
      interruption: this.#interruption,
      onBlock: (bytes) => this.#found(bytes),
      fetch: async (blocks, show) => {
        await this.#pull(content, BlockMap.without(blocks, target.have.length), async (index, bytes) => {
          await target.write(index, bytes);
          target.have.add(index);
          show(index, bytes);
        });
      },
    });
  }

  #found(bytes: number): void {
    this.#download.bytes += bytes;
    this.#events.onBytes(this.#download);
  }

  /**
   * Where an older version is here, or what is known of it under another name, as after a renaming, most need not be sent,
   * which only all hashes tell.
   */
  async #awaitHashes(content: FileEntry): Promise<FileEntry> {
    if (isHashed(content)) return content;
    const { reuse } = this.#parts;
    const hasOlder = content.size <= MOST_TO_WAIT_FOR && reuse.hasOlder(this.#download.order.target);
    if (!hasOlder && !reuse.hasBeginning(content)) return content;
    const nothing = BlockMap.without([], blockCount(content.size));
    return this.#pull(content, nothing, () => undefined);
  }

  #pull(
    content: FileEntry,
    have: BlockMap,
    write: Want['write'],
    { ownsBytes, onHashed }: Pick<Want, 'ownsBytes' | 'onHashed'> = {},
  ): Promise<FileEntry> {
    const { order } = this.#download;
    return this.#parts.puller.pull({
      content,
      have,
      write,
      ownsBytes,
      onHashed,
      rank: blockRank(order, content),
      devices: order.devices,
      interruption: this.#interruption,
      onBlock: (device, bytes) => {
        this.#download.cameFrom(device);
        this.#received(bytes);
        if (this.#sharedHash) this.#parts.swarm.grown(this.#sharedHash);
      },
    });
  }

  #place(content: FileEntry, body: Arrival['body']): Promise<RelativePath> {
    this.#interruption.demandNone();
    if (!isHashed(content)) throw new CompartidosError('SOURCE_CHANGED', { path: content.path });
    this.#events.onComplete(this.#download);
    const { id, order } = this.#download;
    const asked = order.reason === 'person' ? 'person' : (order.mode ?? 'fetch');
    const device = this.#download.from[0] ?? order.devices[0];
    const deviceName = device ? this.#parts.catalogue.nameOf(device) : '';
    return this.#parts.placer.place({ id, content, body, target: order.target, asked, deviceName });
  }

  #received(bytes: number): void {
    const download = this.#download;
    download.bytes += bytes;
    download.forgive();
    // With the last of them it is complete, and with the first, where it is small.
    if (download.bytes === download.size) return;
    download.meter.add(bytes);
    this.#events.onBytes(download);
  }
}

/** @throws NAME_UNSUPPORTED when this machine cannot hold such a name, or the link would lead out of the folder. */
function demandName(path: RelativePath, { type, target }: FileEntry): void {
  const reason = nameProblem(path, process.platform) ?? (type === 'symlink' && linkProblem(path, target));
  if (reason) throw new CompartidosError('NAME_UNSUPPORTED', { path, reason });
}
