import { StartInOrder } from '../../src/agent/start-in-order.ts';
import { Transfers } from '../../src/agent/transfers.ts';
import { IndexExchange } from '../../src/catalogue/index-exchange.ts';
import { PeerCatalogue } from '../../src/catalogue/peer-catalogue.ts';
import type { RuleSettings, Settings } from '../../src/config/settings.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import type { Logger } from '../../src/core/logger.ts';
import { openDatabase, type Database } from '../../src/index/database.ts';
import { DocumentStore } from '../../src/index/document-store.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { FolderIndex } from '../../src/index/folder-index.ts';
import { InlineHasher } from '../../src/index/inline-hasher.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import { deviceIdFromBytes, type DeviceId } from '../../src/model/device-id.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import type { Downloads } from '../../src/transfer/downloads.ts';
import { PlainBlockReader } from '../../src/transfer/block-reader.ts';
import { PlainFileMaker } from '../../src/transfer/file-maker.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { RuleRunner } from '../../src/transfer/rule-runner.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { noLimits } from '../support/no-limits.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedClock, type SimulatedTime } from './simulated-clock.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedFileSystem, type FileSystemParts } from './simulated-file-system.ts';
import { SimulatedNetwork, type SimulatedLan } from './simulated-network.ts';
import { SimulatedWatcher, type EventFate } from './simulated-watcher.ts';

export const SHARED = '/shared';
const QUERY_INTERVAL_MS = 10_000;

/** Wraps parts of a device, so as to plant a bug into it. */
export interface Sabotage {
  readonly fileSystem?: (files: FileSystem) => FileSystem;
  readonly discard?: (discard: Trash['discard'], files: FileSystem) => Trash['discard'];
  readonly index?: (index: FolderIndex) => FolderIndex;
}

export interface DeviceParts {
  readonly number: number;
  readonly random: SeededRandom;
  readonly time: SimulatedTime;
  readonly lan: SimulatedLan;
  readonly rules: readonly RuleSettings[];
  readonly logger: Logger;
  /** What becomes of each operation of its process on the disk. */
  readonly fate: FileSystemParts['fate'];
  readonly eventFate: () => EventFate;
  readonly onNamed: FileSystemParts['onNamed'] & {};
  readonly onLost: FileSystemParts['onLost'] & {};
  readonly sabotage: Sabotage;
}

/** One run of the agent on a device. */
interface Process {
  isAlive: boolean;
  readonly clock: SimulatedClock;
  readonly network: SimulatedNetwork;
  readonly index: FolderIndex;
  readonly catalogue: PeerCatalogue;
  readonly downloads: Downloads;
  readonly rules: RuleRunner;
  readonly parts: StartInOrder;
}

/** A machine with a disk, a database, and the agent that runs on it from time to time. */
export class SimulatedDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly #parts: DeviceParts;
  readonly #skew: number;
  #database: Database;
  readonly #lost: Database[] = [];
  #process: Process | undefined;
  #watcher: SimulatedWatcher | undefined;

  constructor(parts: DeviceParts) {
    const { number, random, time } = parts;
    this.#parts = parts;
    this.id = deviceIdFromBytes(random.bytes(32));
    this.name = `device${number}`;
    this.#skew = Math.round((random.next() - 0.5) * 4000);
    const clock = new SimulatedClock(time, this.#skew);
    const disk = random.fork();
    this.disk = new SimulatedDisk({
      now: () => clock.now(),
      volume: String(number),
      next: () => disk.next(),
    });
    this.disk.onChange = (folder, name, how) => this.#watcher?.notice(folder, name, how);
    this.disk.makeDirectory(SHARED, 'agent');
    this.disk.flushDirectory('/');
    this.#database = this.#newDatabase();
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  get sequence(): number {
    return this.#process?.index.sequence ?? 0;
  }

  get downloads(): Downloads | undefined {
    return this.#process?.downloads;
  }

  get rules(): RuleRunner | undefined {
    return this.#process?.rules;
  }

  get catalogue(): PeerCatalogue | undefined {
    return this.#process?.catalogue;
  }

  get index(): FolderIndex | undefined {
    return this.#process?.index;
  }

  /** Starts the agent; false when it could not. */
  async start(): Promise<boolean> {
    const process = this.#build();
    this.#process = process;
    try {
      await process.parts.start();
      return true;
    } catch (error) {
      this.#parts.logger.warn('start-failed', { error: String(error) });
      if (this.#process === process) this.kill();
      return false;
    }
  }

  /** Ends the agent in good order. */
  async stop(): Promise<void> {
    const process = this.#process;
    await process?.parts.stop();
    if (process && this.#process === process) this.kill();
  }

  /** Ends the agent at once: nothing that it waited for comes. */
  kill(quietly = false): void {
    const process = this.#process;
    if (!process) return;
    process.isAlive = false;
    process.clock.kill();
    this.#parts.lan.leave(process.network, quietly);
    this.#process = undefined;
    this.#watcher = undefined;
  }

  /** The index is damaged, and made anew at the next start. */
  loseDatabase(): void {
    // Promises of the process that was killed may still look into it.
    this.#lost.push(this.#database);
    this.#database = this.#newDatabase();
  }

  close(): void {
    for (const database of [this.#database, ...this.#lost]) database.close();
  }

  #newDatabase(): Database {
    const { time, random, logger } = this.#parts;
    const clock = new SimulatedClock(time, this.#skew);
    return openDatabase({ stateFolder: ':memory:', clock, random, logger });
  }

  #build(): Process {
    const { time, lan, logger, rules: ruleSettings, sabotage } = this.#parts;
    const self = this.id;
    const random = this.#parts.random.fork();
    const clock = new SimulatedClock(time, this.#skew);
    const life = { isAlive: true };
    const isAlive = () => life.isAlive;
    const fileSystem = this.#fileSystem(clock, isAlive);
    const settings = settingsFor(this.name, ruleSettings);
    const common = { self, settings, clock, random, logger, access: openAccess, fileSystem, folder: SHARED };
    const database = this.#database;
    const table = new EntryTable(database);
    const store = new EntryStore(database, table);
    const watcher = () => {
      const { eventFate } = this.#parts;
      this.#watcher = new SimulatedWatcher(this.disk, eventFate, clock);
      return this.#watcher;
    };
    const hasher = new InlineHasher(fileSystem);
    const parts = { ...common, store, hasher, watcher, files: fileSystem, memory: database };
    const index = (sabotage.index ?? identity)(new FolderIndex(parts));
    const network = new SimulatedNetwork(lan, self, this.name, isAlive);
    const remote = new RemoteStore(database, table);
    const catalogue = new PeerCatalogue({ ...common, network, remote, rows: new RowReader(database) });
    const queryIntervalMs = QUERY_INTERVAL_MS;
    const exchange = new IndexExchange({ ...common, network, index, catalogue, queryIntervalMs });
    const trash = new Trash({ ...common, index, limits: settings.trash });
    if (sabotage.discard) trash.discard = sabotage.discard(trash.discard.bind(trash), fileSystem);
    const transfers = new Transfers({
      ...common,
      ...{ network, catalogue, index },
      reader: new PlainBlockReader(fileSystem),
      maker: new PlainFileMaker(fileSystem),
      documents: new DocumentStore(database, 'download', (json) => json),
      classic: { content: noClassicPeer, search: noClassicPeer },
      trash,
    });
    const { downloads, gate } = transfers;
    const rules = new RuleRunner({
      ...common,
      ...{ catalogue, index, downloads, gate },
      ownEntries: () => store.allFacts(),
      changes: new LocalChanges({ ...common, index, catalogue, gate, trash }),
      rules: ruleSettings,
      isReady: () => index.isReady,
      ignores: (path, isFolder) => index.ignores(path, isFolder),
      documents: new DocumentStore(database, 'stopped-rule', (json) => json),
    });
    const all = [index, catalogue, exchange, trash, ...transfers.parts, rules, network];
    return Object.assign(life, {
      ...{ clock, network, index, catalogue, downloads, rules },
      parts: new StartInOrder(all),
    });
  }

  #fileSystem(clock: SimulatedClock, isAlive: () => boolean): FileSystem {
    const { fate, onNamed, onLost, sabotage } = this.#parts;
    const sleep = (ms: number) => clock.sleep(ms);
    const files = new SimulatedFileSystem({ disk: this.disk, fate, onNamed, onLost, sleep, isAlive });
    return (sabotage.fileSystem ?? identity)(files);
  }
}

function settingsFor(name: string, rules: readonly RuleSettings[]): Settings {
  return {
    name,
    folder: SHARED,
    stateFolder: '/state',
    port: 6000,
    language: 'en',
    access: 'open',
    classic: false,
    discovery: { mdns: false, peers: [], queryIntervalMs: QUERY_INTERVAL_MS },
    rules,
    limits: noLimits,
    durability: 'full',
    minFree: 0,
    trash: { maxAgeMs: Infinity, maxSize: Infinity },
    log: { level: 'info', maxSize: 1, files: 1 },
  };
}

function noClassicPeer(): never {
  throw new Error('there are no classic peers');
}

function identity<Value>(value: Value): Value {
  return value;
}
