import { blockBuffers } from '../core/buffer-pool.ts';
import { CompartidosError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { blockCount } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import { isHashed } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { linkProblem } from '../model/link-target.ts';
import { nameProblem } from '../model/portable-name.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { BlockMap } from './block-map.ts';
import type { DiskSpace, Reservation } from './disk-space.ts';
import type { Download } from './download.ts';
import { blockRank } from './download-order.ts';
import type { IncomingFolder } from './incoming-folder.ts';
import type { LocalReuse } from './local-reuse.ts';
import type { Arrival, Placed, Placer } from './placer.ts';
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
  /** What a device calls itself. */
  readonly nameOf: (device: DeviceId) => string;
}

/** Tells of a run. */
export interface RunEvents {
  readonly onBytes: () => void;
  readonly onComplete: () => void;
}

/** Bytes of a file that its source has hashed before anybody's patience ends. */
const MOST_TO_WAIT_FOR = 2 * 1024 ** 3;

/** One attempt at a download, from what is here already to the file in place. */
export class DownloadRun {
  readonly #parts: RunParts;
  readonly #download: Download;
  readonly #events: RunEvents;
  readonly #signal: AbortSignal;
  /** Under which others who receive the file are told what of it is here. */
  #sharedHash: Uint8Array | undefined;

  constructor(parts: RunParts, download: Download, events: RunEvents, signal: AbortSignal) {
    this.#parts = parts;
    this.#download = download;
    this.#events = events;
    this.#signal = signal;
  }

  /** Rejects with the signal's reason when it is aborted, until all bytes are here. */
  async run(): Promise<Placed> {
    const content = this.#download.order.content!;
    demandName(this.#download.order.target, content);
    this.#download.bytes = 0;
    const blocks = content.type === 'file' ? blockCount(content.size) : 0;
    if (blocks === 0) return this.#place(content, undefined);
    if (blocks > 1) return this.#runOnDisk(content);
    const reservation = await this.#parts.space.reserve(content.size, content.path);
    try {
      return await this.#runInMemory(content);
    } finally {
      reservation.release();
    }
  }

  async #runInMemory(content: FileEntry): Promise<Placed> {
    let bytes = await this.#parts.reuse.wholeBlock(content);
    let complete = content;
    if (!bytes) {
      const keep = async (_: number, block: Uint8Array) => void (bytes = block);
      complete = await this.#pull(content, new BlockMap(1), keep, { ownsBytes: true });
    }
    this.#download.bytes = content.size;
    const placed = await this.#place(complete, bytes);
    if (bytes) blockBuffers.give(bytes);
    return placed;
  }

  async #runOnDisk(announced: FileEntry): Promise<Placed> {
    const content = await this.#awaitHashes(announced);
    const { fileSystem, incoming, reuse, swarm, space } = this.#parts;
    const file = await TemporaryFile.open(fileSystem, incoming.pathOf(this.#download.id), content);
    let reservation: Reservation | undefined;
    let leave: (() => void) | undefined;
    const found = (bytes: number) => {
      reservation?.wrote(bytes);
      this.#download.bytes += bytes;
      this.#events.onBytes();
    };
    try {
      // What an earlier attempt has written is on the disk already.
      if (file.bytes > 0) found(file.bytes);
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
      const keep = async (index: number, bytes: Uint8Array) => {
        await file.write(index, bytes);
        reservation?.wrote(bytes.length);
      };
      await reuse.fill({
        content,
        older: this.#download.order.target,
        target: file,
        signal: this.#signal,
        onBlock: found,
        fetch: async (blocks, show) => {
          await this.#pull(content, BlockMap.without(blocks, file.have.length), async (index, bytes) => {
            await keep(index, bytes);
            file.have.add(index);
            show(index, bytes);
          });
        },
      });
      const complete = await this.#pull(content, file.have, keep, { onHashed: join });
      leave?.();
      return await this.#place(complete, file);
    } finally {
      leave?.();
      reservation?.release();
      await file.close();
    }
  }

  /** Where an older version is here, most need not be sent, which only all hashes tell. */
  async #awaitHashes(content: FileEntry): Promise<FileEntry> {
    const isWorthIt =
      content.size <= MOST_TO_WAIT_FOR && this.#parts.reuse.hasOlder(this.#download.order.target);
    if (isHashed(content) || !isWorthIt) return content;
    const nothing = BlockMap.without([], blockCount(content.size));
    return this.#pull(content, nothing, () => Promise.resolve());
  }

  #pull(
    content: FileEntry,
    have: BlockMap,
    write: (index: number, bytes: Uint8Array) => Promise<void>,
    special: Pick<Want, 'ownsBytes' | 'onHashed'> = {},
  ): Promise<FileEntry> {
    const { order } = this.#download;
    return this.#parts.puller.pull({
      ...special,
      content,
      have,
      write,
      rank: blockRank(order, content),
      devices: order.devices,
      signal: this.#signal,
      onBlock: (device, bytes) => {
        this.#download.cameFrom(device);
        this.#received(bytes);
        if (this.#sharedHash) this.#parts.swarm.grown(this.#sharedHash);
      },
    });
  }

  async #place(content: FileEntry, body: Arrival['body']): Promise<Placed> {
    this.#signal.throwIfAborted();
    if (!isHashed(content)) throw new CompartidosError('SOURCE_CHANGED', { path: content.path });
    this.#events.onComplete();
    const { id, order } = this.#download;
    const asked = order.reason === 'person' ? 'person' : (order.mode ?? 'fetch');
    const device = this.#download.from[0] ?? order.devices[0];
    const deviceName = device ? this.#parts.nameOf(device) : '';
    return this.#parts.placer.place({ id, content, body, target: order.target, asked, deviceName });
  }

  #received(bytes: number): void {
    this.#download.bytes += bytes;
    this.#download.meter.add(bytes);
    // What arrives shows that trying again is worth it.
    this.#download.attempts = 0;
    this.#events.onBytes();
  }
}

/** @throws NAME_UNSUPPORTED when this machine cannot hold such a name, or the link would lead out of the folder. */
function demandName(path: RelativePath, { type, target }: FileEntry): void {
  const reason = nameProblem(path, process.platform) ?? (type === 'symlink' && linkProblem(path, target));
  if (reason) throw new CompartidosError('NAME_UNSUPPORTED', { path, reason });
}
