import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { LimitSettings } from '../../src/config/settings.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { LogFields, Logger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath, PRIVATE_FOLDER } from '../../src/model/relative-path.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import type { AccessPolicy } from '../../src/security/access-policy.ts';
import { downloadClassic, searchClassic } from '../../src/transport/classic-client.ts';
import { Bandwidth } from '../../src/transfer/bandwidth.ts';
import { BlockServer } from '../../src/transfer/block-server.ts';
import { DiskSpace } from '../../src/transfer/disk-space.ts';
import { Downloads } from '../../src/transfer/downloads.ts';
import type { DownloadRequest } from '../../src/transfer/download-request.ts';
import type { DownloadHandle } from '../../src/transfer/download-telling.ts';
import { PlainBlockReader } from '../../src/transfer/block-reader.ts';
import type { BlockReader } from '../../src/transfer/block-reader.ts';
import { PlainFileMaker } from '../../src/transfer/file-maker.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { IncomingFolder } from '../../src/transfer/incoming-folder.ts';
import { LocalReuse } from '../../src/transfer/local-reuse.ts';
import { Placer } from '../../src/transfer/placer.ts';
import { Puller } from '../../src/transfer/puller.ts';
import { Swarm } from '../../src/transfer/swarm.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { deviceNamed } from './entries.ts';
import { MemoryCatalogue } from './memory-catalogue.ts';
import { MemoryDocuments } from './memory-documents.ts';
import { MemoryIndex } from './memory-index.ts';
import type { MemoryLan, MemoryNetwork } from './memory-lan.ts';
import { noLimits } from './no-limits.ts';

export interface TransferPeerOptions {
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  readonly access?: AccessPolicy;
  readonly limits?: Partial<LimitSettings>;
  readonly minFree?: number;
  readonly reader?: BlockReader;
  /** What an earlier peer left: its folder and its kept downloads. */
  readonly after?: TransferPeer;
}

/** One device with everything that transfer/ consists of, on a folder of its own. */
export class TransferPeer {
  readonly device: DeviceId;
  readonly name: string;
  readonly folder: string;
  readonly lan: MemoryLan;
  readonly network: MemoryNetwork;
  readonly index: MemoryIndex;
  readonly catalogue = new MemoryCatalogue();
  readonly documents: MemoryDocuments;
  readonly downloads: Downloads;
  readonly trash: Trash;
  readonly incoming: IncomingFolder;
  readonly server: BlockServer;
  readonly bandwidth: Bandwidth;
  readonly events: { event: string; fields: LogFields }[] = [];
  readonly #parts: { start(): Promise<void>; stop(): Promise<void> }[];

  private constructor(lan: MemoryLan, name: string, folder: string, options: TransferPeerOptions) {
    const { fileSystem = new NodeFileSystem(), clock = systemClock, access = openAccess } = options;
    const limits = { ...noLimits, ...options.limits };
    const random = systemRandom;
    this.lan = lan;
    this.name = name;
    this.device = deviceNamed(name);
    this.folder = folder;
    this.documents = options.after?.documents ?? new MemoryDocuments();
    const network = lan.join(this.device, name);
    this.network = network;
    const index = new MemoryIndex(fileSystem, folder, this.device);
    this.index = index;
    const { catalogue } = this;
    const logger = this.#logger();
    const bandwidth = new Bandwidth(clock, limits);
    this.bandwidth = bandwidth;
    const swarm = new Swarm({ network, catalogue, clock });
    const { reader = new PlainBlockReader(fileSystem) } = options;
    this.server = new BlockServer({ network, index, access, swarm, bandwidth, reader, clock });
    const puller = new Puller({
      self: this.device,
      network,
      catalogue,
      swarm,
      bandwidth,
      clock,
      random,
      logger,
    });
    const incoming = new IncomingFolder(fileSystem, folder);
    this.incoming = incoming;
    const space = new DiskSpace({ fileSystem, clock, folder, minFree: options.minFree ?? 0 });
    const reuse = new LocalReuse({ index, fileSystem });
    const gate = new FolderGate(index);
    const forEver = { maxAgeMs: Infinity, maxSize: Infinity };
    this.trash = new Trash({
      ...{ fileSystem, index, folder, limits: forEver, clock, random, logger },
      documents: new MemoryDocuments(),
    });
    const placer = new Placer({
      maker: new PlainFileMaker(fileSystem),
      gate,
      fileSystem,
      index,
      incoming,
      folder,
      catalogue,
      self: this.device,
      trash: this.trash,
      durability: () => 'full',
    });
    this.downloads = new Downloads({
      gate,
      index,
      self: this.device,
      classic: {
        content: ({ host, port, name }, maxBytes, signal) =>
          downloadClassic(host, port, name, { clock, signal, maxBytes }),
        search: ({ host, port, name }, signal) => searchClassic(host, port, name, { clock, signal }),
      },
      fileSystem,
      puller,
      swarm,
      reuse,
      placer,
      incoming,
      space,
      bandwidth,
      network,
      catalogue,
      documents: this.documents,
      limits,
      clock,
      random,
      logger,
    });
    this.#parts = [gate, swarm, this.server, puller, this.downloads];
  }

  /** A started peer; it is stopped, and its folder removed, after the test. */
  static async start(
    t: ExecutionContext,
    lan: MemoryLan,
    name: string,
    options: TransferPeerOptions = {},
  ): Promise<TransferPeer> {
    const folder = options.after?.folder ?? (await mkdtemp(join(await realpath(tmpdir()), 'compartidos-')));
    await mkdir(join(folder, PRIVATE_FOLDER), { recursive: true });
    const peer = new TransferPeer(lan, name, folder, options);
    // The agent's own timers do not keep a process alive, and a test has nothing else that does.
    const alive = setInterval(() => {}, 1000);
    t.teardown(async () => {
      clearInterval(alive);
      await peer.stop();
      if (peer.index.isInUse) throw new Error('somebody who has stopped holds paths or expects files');
      await rm(folder, { recursive: true, force: true });
    });
    for (const part of peer.#parts) await part.start();
    return peer;
  }

  async stop(): Promise<void> {
    for (const part of [...this.#parts].reverse()) await part.stop();
  }

  /** Writes a file and indexes it. */
  async write(path: string, bytes: Uint8Array): Promise<FileEntry> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), bytes);
    return (await this.index.touched(parseRelativePath(path)))!;
  }

  /** Puts other bytes where `entry` is, of its size and with its time: nobody tells the index. */
  async rot({ path, mtimeUs }: Pick<FileEntry, 'path' | 'mtimeUs'>, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.folder, path), bytes);
    await new NodeFileSystem().setModified(join(this.folder, path), mtimeUs);
  }

  /** What was logged under this name. */
  logged(name: string) {
    return this.events.filter(({ event }) => event === name);
  }

  async read(path: string): Promise<Buffer> {
    return readFile(join(this.folder, path));
  }

  /** Tells `others` what is here. */
  announceTo(...others: TransferPeer[]): void {
    const entries = this.index.after(0, Infinity);
    for (const other of others) other.catalogue.announce(this.device, this.name, entries);
  }

  /** Asks for what `source` announces as `path`. */
  get(source: TransferPeer, path: string, options: Partial<DownloadRequest> = {}): DownloadHandle {
    const content = source.index.get(parseRelativePath(path))!;
    const target = options.target ?? content.path;
    return this.downloads.request({
      path: content.path,
      content,
      devices: [source.device],
      target,
      reason: 'person',
      priority: 0,
      ...options,
    });
  }

  #logger(): Logger {
    const keep = (event: string, fields: LogFields = {}) => void this.events.push({ event, fields });
    return { ...silentLogger, info: keep, warn: keep, error: keep };
  }
}
