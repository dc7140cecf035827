import type { Emitter } from './core/emitter.ts';
import type { DownloadView } from './transfer/download.ts';

export type { DownloadState } from './transfer/download-state.ts';
export type { DownloadView };

/**
 * What a face (prompt, command) may ask of the agent. All values are plain JSON, so that the same interface
 * serves in the process and over the local socket. Sizes are bytes, rates bytes a second, times ISO 8601.
 * Ids of devices have the form that people see (`formatDeviceId`). Calls reject with CompartidosError.
 */
export interface AgentApi {
  readonly events: Emitter<AgentEvents>;
  status(): Promise<AgentStatus>;
  peers(): Promise<PeerView[]>;
  /** What we share. @throws GLOB_INVALID */
  list(glob?: string): Promise<FileView[]>;
  /** Everything on the network, ours included; by glob or part of a path. @throws GLOB_INVALID */
  find(query: string): Promise<FileView[]>;
  /**
   * Queues downloads of what the selectors (globs, paths of files or folders, or `path` and `hash` of a file found)
   * match and we lack, links and empty folders among it. `from` names a device by name, id or beginning of its id, or a
   * classic peer by its name, `host:port`: then the selectors are names of files.
   * @throws NOT_FOUND when nothing matches; GLOB_INVALID; FOLDER_MISSING, FOLDER_CHANGED when we lack nothing because
   * nobody can see what we have
   */
  get(selectors: readonly FileSelector[], options?: { readonly from?: string }): Promise<DownloadView[]>;
  queue(): Promise<DownloadView[]>;
  /**
   * The downloads named, or all when `ids` is empty. Returns those that it did something to, of these three: what has
   * ended already is not among them. @throws NOT_FOUND
   */
  pause(ids: readonly string[]): Promise<DownloadView[]>;
  /** Without ids, rules that the brake has stopped go on as well. @throws NOT_FOUND */
  resume(ids: readonly string[]): Promise<DownloadView[]>;
  cancel(ids: readonly string[]): Promise<DownloadView[]>;
  /** Begins an orderly stop. */
  stop(): Promise<void>;

  conflicts(): Promise<ConflictView[]>;
  /**
   * Keeps `ours`, what this device changed last, or `theirs`; the other goes to the trash. The copy is ours when `conflicts`
   * names this device for it, else what is in place. `path` is that of either; returns that of the file in place.
   * @throws NOT_FOUND
   */
  resolve(path: string, keep: 'ours' | 'theirs'): Promise<string>;
  trash(): Promise<TrashView[]>;
  /** Puts a file back in its place, or beside what is there now; returns its path. @throws NOT_FOUND */
  restore(id: string): Promise<string>;
  /** Reads every file again and compares it with its hashes. */
  check(): Promise<CheckView>;
  /** What each rule would do now, and why; does nothing. */
  testRules(): Promise<RuleTestView[]>;
}

export type AgentEvents = {
  peer: [peer: PeerView];
  download: [download: DownloadView];
  /** What we or others share has changed, or all of ours is known now; told at most a few times a second. */
  files: [];
};

export interface AgentStatus {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  readonly config: string;
  readonly access: 'open';
  /** The scan of the start is complete. */
  readonly ready: boolean;
  /** Peers online. */
  readonly peers: number;
  /** Files shared. */
  readonly files: number;
  /** Files of the folder that are new or changed and have not been read yet; 4000 at most are counted. */
  readonly reading: number;
  /** Downloads not yet done, failed or cancelled. */
  readonly transfers: number;
  /** What keeps the agent from doing all it should, by event name: a brake, a missing folder, a full disk. */
  readonly problems: readonly {
    readonly event: string;
    readonly fields: Readonly<Record<string, string | number | boolean>>;
  }[];
}

export interface PeerView {
  /** Empty for a classic peer: it has no identity. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly kind: 'native' | 'classic';
  readonly state: 'online' | 'offline';
  readonly files: number;
}

export interface FileView {
  readonly path: string;
  readonly size: number;
  readonly mtime: string;
  /** Hex; null while the file is still being hashed, and for files of classic peers. */
  readonly hash: string | null;
  readonly local: boolean;
  readonly holders: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: 'online' | 'offline';
  }[];
}

export interface FileSelector {
  /** A path or a glob; with `hash`, the path of a file. */
  readonly path: string;
  /** Hex of the one content meant, as the network may have several under this path; null while that is not known. */
  readonly hash?: string | null;
}

export interface ConflictView {
  readonly path: string;
  readonly copy: string;
  readonly device: string;
  readonly time: string;
}

export interface TrashView {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly time: string;
  readonly reason: 'replaced' | 'deleted' | 'resolved';
}

export interface CheckView {
  readonly files: number;
  readonly bytes: number;
  /** Content differs from what was hashed although size and times say that it did not change, or the disk cannot read it. */
  readonly corrupt: readonly string[];
}

export interface RuleTestView {
  readonly rule: string;
  readonly path: string;
  readonly action: 'fetch' | 'replace' | 'delete' | 'rename' | 'conflict' | 'none';
  /** The key of a sentence in `language/`. */
  readonly why: string;
  readonly from: string | null;
}
