import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import { OURSELVES, type Totals } from '../index/entry-table.ts';
import type { IndexPart, Quota, RemoteStore } from '../index/remote-store.ts';
import type { RowReader } from '../index/row-reader.ts';
import { SqliteError } from '../index/sqlite.ts';
import { shortDeviceId } from '../model/device-id.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import { CatalogueRoom, SWEEP_ROWS, type Shortage } from './catalogue-room.ts';
import type { Catalogue, CatalogueEvents, FoundFile, KnownPeer, RemoteEntry } from './catalogue.ts';
import { FileSearch } from './file-search.ts';

export interface PeerCatalogueParts {
  readonly network: Network;
  readonly remote: RemoteStore;
  readonly rows: RowReader;
  readonly clock: Clock;
  /** Bytes that the indexes of all devices may take together; MAX_STORED_BYTES unless given. */
  readonly maxStored?: number;
  /** Bytes that downloads leave free on the disk; what is stored here leaves a tenth of it. 0 unless given. */
  readonly minFree?: number;
}

/** Devices remembered; beyond that, those that were away longest are forgotten. */
export const MAX_DEVICES = 1000;
/** Bytes that their indexes may take together, as `Totals.stored` counts them; the same devices make room. 16 GiB. */
export const MAX_STORED_BYTES = 16 * 1024 ** 3;
const DEFAULT_LIMIT = 1000;
/** ms between two slices of the work that may wait. */
const REST_MS = 20;
/** ms until another try when the database could not be written or read. */
const RETRY_MS = 2000;

type Facts = Omit<KnownPeer, 'files' | 'device'>;

/** The catalogue, in the database. `start` after the database is open and before the network is. */
export class PeerCatalogue implements Catalogue, Startable {
  readonly events = new Emitter<CatalogueEvents>();
  readonly #parts: PeerCatalogueParts;
  readonly #search: FileSearch;
  readonly #peers = new Map<DeviceId, Facts>();
  /** Devices of which the database has refused the latest facts. */
  readonly #unwritten = new Set<DeviceId>();
  #removals: (() => void)[] = [];
  #chore: Timer | undefined;
  #started = false;
  readonly #room: CatalogueRoom;

  constructor(parts: PeerCatalogueParts) {
    this.#parts = parts;
    const { remote, maxStored = MAX_STORED_BYTES, minFree = 0 } = parts;
    this.#room = new CatalogueRoom({
      ...{ remote, maxStored, minFree },
      hasAway: () => this.#oldest('stored') !== undefined,
      forgetAway: () => this.#forget(this.#oldest('stored')),
    });
    this.#search = new FileSearch(parts.rows);
    for (const [device, facts] of remote.devices()) this.#peers.set(device, { ...facts, online: false });
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { network } = this.#parts;
    this.#removals = [
      network.events.on('connected', (session) => this.#met(session)),
      network.events.on('disconnected', (session) => this.#left(session)),
    ];
    for (const session of network.sessions()) this.#met(session);
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#started = false;
    for (const remove of this.#removals) remove();
    this.#removals = [];
    this.#chore?.cancel();
    this.#chore = undefined;
    const gone = [...this.#peers].filter(([, { online }]) => online);
    for (const [device, facts] of gone) this.#set(device, { ...facts, online: false });
  }

  /** Names that a search goes through, and the bytes of memory that they take. */
  get names(): { readonly count: number; readonly bytes: number } {
    return this.#search.names;
  }

  /** Takes up another `minFree`. */
  configure(minFree: number): void {
    this.#room.configure(minFree);
  }

  /** Why what devices say is not stored at present, when it is so. */
  get shortage(): Shortage | undefined {
    return this.#room.shortage;
  }

  peers(): KnownPeer[] {
    return [...this.#peers].map(([device, facts]) => this.#known(device, facts));
  }

  nameOf(device: DeviceId): string {
    return this.#peers.get(device)?.name ?? shortDeviceId(device);
  }

  isOnline(device: DeviceId): boolean {
    return this.#peers.get(device)?.online === true;
  }

  /** How much of the index of `device` is here. */
  totals(device: DeviceId): Totals {
    return this.#parts.remote.totals(device);
  }

  /**
   * Stores a part of the index of a device that was connected once; durable on return.
   * @throws QuotaExceeded when the device would have more than `quota`, NoRoom, SqliteError. Then nothing is stored.
   */
  put(device: DeviceId, part: IndexPart, quota?: Quota): void {
    if (this.#unwritten.has(device)) this.#write(device);
    this.#room.makeFor(part.entries);
    this.#parts.remote.put(device, part, quota);
    if (part.fresh) this.#schedule();
    if (part.entries.length > 0) this.events.emit('changed', device, part.entries);
  }

  get(device: DeviceId, path: RelativePath): FileEntry | undefined {
    return this.#parts.remote.get(device, path);
  }

  at(path: RelativePath): RemoteEntry[] {
    return this.#parts.remote.at(path);
  }

  withHash(hash: Uint8Array): RemoteEntry[] {
    return this.#parts.remote.withHash(hash);
  }

  *entries(device?: DeviceId): Generator<RemoteEntry> {
    for (const each of device === undefined ? [...this.#peers.keys()] : [device]) {
      yield* this.#all(each, 'live');
    }
  }

  *deletions(device: DeviceId): Generator<RelativePath> {
    for (const { entry } of this.#all(device, 'deleted')) yield entry.path;
  }

  *#all(device: DeviceId, which: 'live' | 'deleted'): Generator<RemoteEntry> {
    const { remote } = this.#parts;
    let page = remote.after(device, 0, which);
    while (page.length > 0) {
      yield* page;
      page = remote.after(device, page.at(-1)!.entry.sequence, which);
    }
  }

  async find(query: string, options: Parameters<Catalogue['find']>[1] = {}): Promise<FoundFile[]> {
    const { from, limit = DEFAULT_LIMIT, sought = 'files' } = options;
    const number = from === 'ourselves' ? OURSELVES : from && this.#parts.remote.numberOf(from);
    if (from !== undefined && number === undefined) return [];
    const matches = await this.#search.find(sought, query, limit, number);
    const holders = new Map<string, FoundFile['holders']>();
    return matches.map(({ devices, ...found }) => {
      const key = devices.join();
      const known = holders.get(key) ?? this.#holders(devices);
      holders.set(key, known);
      return { ...found, local: devices.includes(OURSELVES), holders: known };
    });
  }

  #holders(devices: readonly number[]): FoundFile['holders'] {
    return devices.flatMap((number) => {
      const device = this.#parts.remote.deviceOf(number);
      const facts = device && this.#peers.get(device);
      return facts ? [{ device, name: facts.name, online: facts.online }] : [];
    });
  }

  #known(device: DeviceId, facts: Facts): KnownPeer {
    return { device, ...facts, files: this.#parts.remote.totals(device).files };
  }

  #met({ device, name, host, port }: PeerSession): void {
    if (!this.#peers.has(device) && this.#peers.size >= MAX_DEVICES)
      this.#forget(this.#oldest('empty') ?? this.#oldest());
    this.#set(device, { name, host, port, lastSeen: this.#parts.clock.now(), online: true });
  }

  #left({ device }: PeerSession): void {
    const facts = this.#peers.get(device);
    // A session that another one has replaced ends after the other has begun.
    if (!facts || this.#parts.network.session(device)) return;
    this.#set(device, { ...facts, lastSeen: this.#parts.clock.now(), online: false });
  }

  #set(device: DeviceId, facts: Facts): void {
    this.#peers.set(device, facts);
    this.#unwritten.add(device);
    if (!isTaken(() => this.#write(device))) this.#schedule(RETRY_MS);
    this.events.emit('peerChanged', this.#known(device, facts));
  }

  #write(device: DeviceId): void {
    this.#parts.remote.setDevice(device, this.#peers.get(device)!);
    this.#unwritten.delete(device);
  }

  /** The device that was away longest; only of those of which something is stored, or of those of which nothing is. */
  #oldest(only?: 'stored' | 'empty'): DeviceId | undefined {
    let oldest: { readonly device: DeviceId; readonly lastSeen: number } | undefined;
    for (const [device, { online, lastSeen }] of this.#peers) {
      if (online || (oldest && oldest.lastSeen <= lastSeen)) continue;
      if (only && this.totals(device).stored > 0 !== (only === 'stored')) continue;
      oldest = { device, lastSeen };
    }
    return oldest?.device;
  }

  /** Whether there was one to be forgotten. */
  #forget(device: DeviceId | undefined): boolean {
    if (device === undefined || !isTaken(() => this.#parts.remote.forget(device))) return false;
    this.#peers.delete(device);
    this.#unwritten.delete(device);
    this.#schedule();
    return true;
  }

  /** Deletes what was discarded and reads names ahead, a slice at a time, so that nothing waits for either. */
  #schedule(ms = REST_MS): void {
    if (!this.#started || this.#chore) return;
    this.#chore = this.#parts.clock.after(ms, () => {
      this.#chore = undefined;
      let isMore = false;
      const isDone = isTaken(() => {
        for (const device of this.#unwritten) this.#write(device);
        isMore = this.#parts.remote.sweep(SWEEP_ROWS);
        isMore = this.#search.readAhead() || isMore;
      });
      if (!isDone) this.#schedule(RETRY_MS);
      else if (isMore) this.#schedule();
    });
  }
}

/** Whether the database took what `work` reads and writes: a disk that is full or fails is no reason to stop. */
function isTaken(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    return false;
  }
}
