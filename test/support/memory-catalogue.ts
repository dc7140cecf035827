import type {
  Catalogue,
  CatalogueEvents,
  FoundFile,
  KnownPeer,
  RemoteEntry,
} from '../../src/catalogue/catalogue.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { shortDeviceId } from '../../src/model/device-id.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';

/** A catalogue that knows what the test tells it. */
export class MemoryCatalogue implements Catalogue {
  readonly events = new Emitter<CatalogueEvents>();
  readonly #entries = new Map<DeviceId, Map<RelativePath, FileEntry>>();
  readonly #names = new Map<DeviceId, string>();

  /** `device`, called `name`, announces these entries. */
  announce(device: DeviceId, name: string, entries: readonly FileEntry[]): void {
    this.#names.set(device, name);
    const known = this.#entries.get(device) ?? new Map<RelativePath, FileEntry>();
    this.#entries.set(device, known);
    for (const entry of entries) known.set(entry.path, entry);
    this.events.emit('changed', device, entries);
  }

  peers(): KnownPeer[] {
    return [...this.#names].map(([device, name]) => {
      const files = this.#entries.get(device)?.size ?? 0;
      return { device, name, host: '127.0.0.1', port: 6000, online: true, lastSeen: 0, files };
    });
  }

  nameOf(device: DeviceId): string {
    return this.#names.get(device) ?? shortDeviceId(device);
  }

  isOnline(device: DeviceId): boolean {
    return this.#names.has(device);
  }

  get(device: DeviceId, path: RelativePath): FileEntry | undefined {
    return this.#entries.get(device)?.get(path);
  }

  at(path: RelativePath): RemoteEntry[] {
    return this.#all(({ entry }) => entry.path === path);
  }

  withHash(hash: Uint8Array): RemoteEntry[] {
    return this.#all(
      ({ entry }) => !entry.deleted && entry.hash !== undefined && Buffer.compare(entry.hash, hash) === 0,
    );
  }

  entries(device?: DeviceId): Iterable<RemoteEntry> {
    return this.#all((remote) => !remote.entry.deleted && (!device || remote.device === device));
  }

  deletions(device: DeviceId): Iterable<RelativePath> {
    return this.#all((remote) => remote.entry.deleted && remote.device === device).map(
      ({ entry }) => entry.path,
    );
  }

  async find(): Promise<FoundFile[]> {
    return [];
  }

  #all(matches: (remote: RemoteEntry) => boolean): RemoteEntry[] {
    return [...this.#entries].flatMap(([device, entries]) =>
      [...entries.values()].map((entry) => ({ device, entry })).filter(matches),
    );
  }
}
