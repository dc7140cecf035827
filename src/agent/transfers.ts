import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Documents } from '../index/document-store.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { AccessPolicy } from '../security/access-policy.ts';
import { Bandwidth } from '../transfer/bandwidth.ts';
import type { BlockReader } from '../transfer/block-reader.ts';
import { BlockServer } from '../transfer/block-server.ts';
import type { ClassicTransfers } from '../transfer/classic-run.ts';
import { DiskSpace } from '../transfer/disk-space.ts';
import { Downloads } from '../transfer/downloads.ts';
import type { FileMaker } from '../transfer/file-maker.ts';
import { FolderGate } from '../transfer/folder-gate.ts';
import { IncomingFolder } from '../transfer/incoming-folder.ts';
import { LocalReuse } from '../transfer/local-reuse.ts';
import { Placer, type PlacerParts } from '../transfer/placer.ts';
import { Puller } from '../transfer/puller.ts';
import { Swarm } from '../transfer/swarm.ts';
import type { Network } from '../transport/network.ts';

export interface TransferParts {
  readonly self: DeviceId;
  readonly settings: Settings;
  readonly network: Network;
  readonly catalogue: Catalogue;
  readonly index: LocalIndex;
  readonly access: AccessPolicy;
  readonly fileSystem: FileSystem;
  /** Started before these, and stopped after them, by whoever made it. */
  readonly maker: FileMaker;
  /** The same. */
  readonly reader: BlockReader;
  readonly documents: Documents;
  readonly classic: ClassicTransfers;
  readonly trash: PlacerParts['trash'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Everything that moves files: builds the parts of transfer/ and takes up changed settings. */
export class Transfers {
  readonly downloads: Downloads;
  readonly gate: FolderGate;
  readonly bandwidth: Bandwidth;
  /** In the order in which they are to be started. */
  readonly parts;
  readonly #server: BlockServer;
  readonly #space: DiskSpace;

  constructor(parts: TransferParts) {
    const { settings, clock, fileSystem, index } = parts;
    const { folder, minFree, limits } = settings;
    const bandwidth = new Bandwidth(clock, limits);
    const space = new DiskSpace({ fileSystem, clock, folder, minFree });
    const incoming = new IncomingFolder(fileSystem, folder);
    const gate = new FolderGate(index);
    this.gate = gate;
    const swarm = new Swarm(parts);
    const puller = new Puller({ ...parts, swarm, bandwidth });
    const reuse = new LocalReuse(parts);
    const durability = () => settings.durability;
    const placer = new Placer({ ...parts, incoming, gate, folder, durability });
    this.downloads = new Downloads({
      ...parts,
      ...{ limits, bandwidth, gate, puller, swarm, reuse, placer, incoming, space },
    });
    const server = new BlockServer({ ...parts, swarm, bandwidth });
    this.parts = [gate, swarm, server, puller, this.downloads];
    this.#server = server;
    this.bandwidth = bandwidth;
    this.#space = space;
  }

  /** Whether anything is being fetched or served. */
  get isBusy(): boolean {
    return this.downloads.isBusy || this.#server.isBusy;
  }

  configure({ limits, minFree }: Settings): void {
    this.downloads.configure(limits);
    this.bandwidth.configure(limits);
    this.#space.configure(minFree);
  }
}
