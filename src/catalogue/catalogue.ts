import type { Emitter } from '../core/emitter.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RemoteEntry } from '../index/remote-store.ts';
import type { FoundEntry, Sought } from '../index/row-reader.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** A device that we know of, connected or not. Classic peers have no device id; they have their address. */
export interface KnownPeer {
  readonly device: DeviceId;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly online: boolean;
  /** ms since the Unix epoch. */
  readonly lastSeen: number;
  /** Live files in its index. */
  readonly files: number;
}

/** One content under one path, and who has it: what a search finds. */
export interface FoundFile extends FoundEntry {
  /** Whether we have this content under this path ourselves. */
  readonly local: boolean;
  /** The peers that have it, ourselves not among them. */
  readonly holders: readonly { readonly device: DeviceId; readonly name: string; readonly online: boolean }[];
}

/** What `device` has of one entry, as a candidate source or as the other side of a decision. */
export type { RemoteEntry };

export type CatalogueEvents = {
  /** A peer's entries have changed (committed). */
  changed: [device: DeviceId, entries: readonly FileEntry[]];
  /** A peer was first seen, came online, went offline or changed its name. */
  peerChanged: [peer: KnownPeer];
};

/** What every peer has, live, and kept between runs. */
export interface Catalogue {
  readonly events: Emitter<CatalogueEvents>;
  peers(): KnownPeer[];
  /** What `device` calls itself; the beginning of its id where that is not known. */
  nameOf(device: DeviceId): string;
  isOnline(device: DeviceId): boolean;
  get(device: DeviceId, path: RelativePath): FileEntry | undefined;
  /** Every peer's entry of this path, tombstones included. */
  at(path: RelativePath): RemoteEntry[];
  /** Every peer's live files with this content, under whatever path; of very many, some of each peer. */
  withHash(hash: Uint8Array): RemoteEntry[];
  /** Live entries of `device`, or of all, in no particular order, a batch at a time. */
  entries(device?: DeviceId): Iterable<RemoteEntry>;
  /** Paths of the tombstones of `device`, in no particular order, a batch at a time. */
  deletions(device: DeviceId): Iterable<RelativePath>;
  /**
   * What is sought (files unless given) and has a path that matches, ours and all peers', by ascending path: a glob if it
   * is one, else a part of the path. Case and accents do not count. At most `limit` (1000 unless given); when more match,
   * which ones is not defined. `from`: only those that this peer has, or that we have ourselves. Others have their turns
   * meanwhile, and may change what is found. Rejects with GLOB_INVALID
   */
  find(
    query: string,
    options?: { readonly from?: DeviceId | 'ourselves'; readonly limit?: number; readonly sought?: Sought },
  ): Promise<FoundFile[]>;
}
