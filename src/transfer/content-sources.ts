import type { Catalogue } from '../catalogue/catalogue.ts';
import { SqliteError } from '../index/sqlite.ts';
import { blockCount } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Network } from '../transport/network.ts';
import type { Source } from './pull-source.ts';
import type { Swarm } from './swarm.ts';

/** Who can be asked for a content now. */
export class ContentSources {
  readonly #network: Network;
  readonly #catalogue: Catalogue;
  readonly #swarm: Swarm;

  constructor(parts: { readonly network: Network; readonly catalogue: Catalogue; readonly swarm: Swarm }) {
    this.#network = parts.network;
    this.#catalogue = parts.catalogue;
    this.#swarm = parts.swarm;
  }

  /**
   * Connected sources, at most one a device. `devices` are those known to have the content under its path; the whole
   * catalogue and those who are still receiving it are only looked through when `thorough`.
   */
  find(content: FileEntry, devices: readonly DeviceId[], thorough: boolean): Source[] {
    const { path, hash, size } = content;
    const found: Source[] = [];
    const add = (source: Source) => {
      const isThere = found.some(({ device }) => device === source.device);
      if (!isThere && this.#network.session(source.device)) found.push(source);
    };
    for (const device of devices) {
      if (!thorough || this.#stillHas(device, content)) add({ device, path, have: undefined });
    }
    if (thorough && hash) {
      for (const { device, entry } of this.#known(() => this.#catalogue.withHash(hash), [])) {
        add({ device, path: entry.path, have: undefined });
      }
      for (const source of this.#swarm.sources(hash, blockCount(size))) add(source);
    }
    return found;
  }

  /** What a device says of a path; undefined when it says nothing, or the database cannot tell. */
  entryOf(device: DeviceId, path: RelativePath): FileEntry | undefined {
    return this.#known(() => this.#catalogue.get(device, path), undefined);
  }

  /** What cannot be looked up now is nothing that is known of: whoever finds no source asks again by and by. */
  #known<Found>(look: () => Found, nothing: Found): Found {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      return nothing;
    }
  }

  #stillHas(device: DeviceId, { path, hash, size, mtimeUs }: FileEntry): boolean {
    const entry = this.entryOf(device, path);
    if (!entry || entry.deleted) return false;
    if (hash && entry.hash) return Buffer.compare(hash, entry.hash) === 0;
    return entry.size === size && entry.mtimeUs === mtimeUs;
  }
}
