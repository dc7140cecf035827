import type { AgentApi } from '../../src/agent-api.ts';
import type { PeerCatalogue } from '../../src/catalogue/peer-catalogue.ts';
import type { LimitSettings, RuleSettings, Settings } from '../../src/config/settings.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { FolderIndex } from '../../src/index/folder-index.ts';
import { isKnown } from '../../src/index/known-file.ts';
import { deviceIdFromBytes, type DeviceId } from '../../src/model/device-id.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { Downloads } from '../../src/transfer/downloads.ts';
import type { RuleRunner } from '../../src/transfer/rule-runner.ts';
import { noLimits } from '../support/no-limits.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedClock, type SimulatedTime } from './simulated-clock.ts';
import { SimulatedDatabase } from './simulated-database.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedFileSystem, type FileSystemParts } from './simulated-file-system.ts';
import { SimulatedNetwork, type SimulatedLan } from './simulated-network.ts';
import { buildProcess, type Sabotage, type SimulatedProcess } from './simulated-process.ts';
import { SimulatedWatcher, type EventFate } from './simulated-watcher.ts';

export const SHARED = '/shared';
const QUERY_INTERVAL_MS = 10_000;

export interface DeviceParts {
  readonly number: number;
  readonly random: SeededRandom;
  readonly time: SimulatedTime;
  readonly lan: SimulatedLan;
  readonly rules: readonly RuleSettings[];
  readonly limits: Partial<LimitSettings>;
  readonly logger: Logger;
  /** What becomes of each operation of its process on the disk. */
  readonly fate: FileSystemParts['fate'];
  readonly eventFate: () => EventFate;
  readonly onNamed: FileSystemParts['onNamed'] & {};
  readonly onLost: FileSystemParts['onLost'] & {};
  readonly sabotage: Sabotage;
}

/** One run of the agent on a device. */
interface Process extends SimulatedProcess {
  readonly end: () => void;
}

/** A machine with a disk, a database, and the agent that runs on it from time to time. */
export class SimulatedDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly #parts: DeviceParts;
  /** As its machine shows the time. */
  readonly clock: SimulatedClock;
  /** ms that its clock is wrong by. */
  skew: number;
  readonly #database: SimulatedDatabase;
  #rules: readonly RuleSettings[];
  #process: Process | undefined;
  #watcher: SimulatedWatcher | undefined;

  constructor(parts: DeviceParts) {
    const { number, random, time } = parts;
    this.#parts = parts;
    this.id = deviceIdFromBytes(random.bytes(32));
    this.name = `device${number}`;
    this.skew = Math.round((random.next() - 0.5) * 4000);
    const clock = (this.clock = new SimulatedClock(time, () => this.skew));
    const disk = random.fork();
    this.disk = new SimulatedDisk({
      now: () => clock.now(),
      elapsed: () => time.now,
      volume: String(number),
      next: () => disk.next(),
    });
    this.disk.onChange = (folder, name, how) => this.#watcher?.notice(folder, name, how);
    this.disk.makeDirectory(SHARED, 'agent');
    this.disk.flushDirectory('/');
    this.#database = new SimulatedDatabase({ clock, random, logger: parts.logger });
    this.#rules = parts.rules;
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

  /** Its agent is going to read files anew that it knew, and cannot tell then what the disk has damaged from an edit. */
  readsAnew(): void {
    for (const [, node] of this.disk.files(SHARED)) if (node.healthy) node.isHandled = true;
  }

  /** Whether its agent would not read the file at `path`, absolute, if it looked at it now. */
  knows(path: string): boolean {
    const native = path.slice(SHARED.length + 1);
    const name = parseRelativePath(native.normalize('NFC'));
    const item = { path: name, native, stat: this.disk.stat(path) };
    return this.#process !== undefined && isKnown(this.#process.store.facts(name), item);
  }

  /** Whether the file at `path` below the shared folder is not what was written there. */
  isDamaged(path: string): boolean {
    return this.disk.find(`${SHARED}/${path}`)?.healthy !== undefined;
  }

  /** What a person may ask of the agent that runs. */
  get api(): AgentApi | undefined {
    return this.#process?.api;
  }

  /** Its user changes the configuration. */
  configure(rules: readonly RuleSettings[]): void {
    this.#rules = rules;
    this.#process?.ownSyncRules.configure(rules);
    this.#process?.rules.configure(rules);
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
    process.end();
    this.#parts.lan.leave(process.network, quietly);
    this.#process = undefined;
    this.#watcher = undefined;
  }

  /** The index is damaged, and made anew at the next start. */
  loseDatabase(): void {
    this.#database.lose();
  }

  copyDatabase(): void {
    this.#database.copy();
  }

  /** The index is as it was when it was copied; false when it never was. The agent may not run. */
  setBackDatabase(): boolean {
    return this.#database.setBack();
  }

  close(): void {
    this.#database.close();
  }

  #build(): Process {
    const { time, lan, logger, sabotage, limits } = this.#parts;
    const clock = new SimulatedClock(time, () => this.skew);
    let isAlive = true;
    const isStillAlive = () => isAlive;
    const watcher = () => {
      const { eventFate } = this.#parts;
      this.#watcher = new SimulatedWatcher(this.disk, eventFate, clock);
      return this.#watcher;
    };
    const process = buildProcess({
      ...{ self: this.id, clock, logger, watcher, sabotage },
      settings: settingsFor(this.name, this.#rules, limits),
      random: this.#parts.random.fork(),
      fileSystem: this.#fileSystem(clock, isStillAlive),
      database: this.#database.open(),
      network: new SimulatedNetwork(lan, this.id, this.name, isStillAlive),
    });
    const end = () => {
      isAlive = false;
      clock.kill();
    };
    return { ...process, end };
  }

  #fileSystem(clock: SimulatedClock, isAlive: () => boolean): FileSystem {
    const { fate, onNamed, onLost, sabotage } = this.#parts;
    const sleep = (ms: number) => clock.sleep(ms);
    const files = new SimulatedFileSystem({ disk: this.disk, fate, onNamed, onLost, sleep, isAlive });
    return sabotage.fileSystem?.(files) ?? files;
  }
}

function settingsFor(name: string, rules: readonly RuleSettings[], limits: Partial<LimitSettings>): Settings {
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
    limits: { ...noLimits, ...limits },
    durability: 'full',
    minFree: 0,
    trash: { maxAgeMs: Infinity, maxSize: Infinity },
    log: { level: 'info', maxSize: 1, files: 1 },
  };
}
