import type { LogLevel } from '../core/logger.ts';

/** What `config.yaml` says, complete: defaults filled in, paths absolute, sizes in bytes, times in ms. */
export interface Settings {
  /** The name that others see. */
  readonly name: string;
  /** The shared folder, absolute. */
  readonly folder: string;
  /** Where identity, catalogue, queue, log and socket live: `.compartidos` next to the config file, absolute. */
  readonly stateFolder: string;
  readonly port: number;
  readonly language: 'es' | 'en';
  readonly access: 'open';
  /** Whether peers of the classic, clear-text protocol are served. */
  readonly classic: boolean;
  readonly discovery: {
    readonly mdns: boolean;
    readonly peers: readonly StaticPeer[];
    /** ms between two index queries to each peer. */
    readonly queryIntervalMs: number;
  };
  readonly rules: readonly RuleSettings[];
  readonly limits: LimitSettings;
  readonly durability: 'full' | 'fast';
  /** Bytes that are kept free on the disk. */
  readonly minFree: number;
  readonly trash: { readonly maxAgeMs: number; readonly maxSize: number };
  readonly log: { readonly level: LogLevel; readonly maxSize: number; readonly files: number };
}

export interface StaticPeer {
  readonly host: string;
  readonly port: number;
}

export interface RuleSettings {
  /** Stable across edits of other rules: derived from what the rule says. */
  readonly id: string;
  /** Globs; those that begin with `!` exclude. */
  readonly match: readonly string[];
  /** Device names or ids; empty means everybody. */
  readonly from: readonly string[];
  /** Bytes; undefined means any size. */
  readonly maxSize: number | undefined;
  /** A sub-folder of the shared folder, with `{peer}` and `{date}` to be filled in; undefined means the same path. */
  readonly into: string | undefined;
  readonly mode: 'fetch' | 'mirror' | 'sync';
  /** Higher goes first among rules; 0 by default. */
  readonly priority: number;
}

export interface LimitSettings {
  /** Downloads at a time, in all and from one peer. */
  readonly downloads: number;
  readonly downloadsPerPeer: number;
  /** Bytes a second; undefined means no limit. */
  readonly down: number | undefined;
  readonly up: number | undefined;
  readonly perPeer: number | undefined;
  readonly schedule: readonly ScheduledLimit[];
}

export interface ScheduledLimit {
  /** Days, 0 = Sunday … 6 = Saturday. */
  readonly days: readonly number[];
  /** Minutes since local midnight; `until` may be smaller than `from`: past midnight. */
  readonly from: number;
  readonly until: number;
  /** Bytes a second, each way. */
  readonly rate: number;
}
