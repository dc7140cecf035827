import type { RuleSettings } from '../config/settings.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Bytes from which a file is large. */
const LARGE_BYTES = 1024 * 1024;
/** Priorities of rules are held within this, either way. */
const MAX_PRIORITY = 1000;

/** Who asked for a download, and how urgently: rules may say so, higher goes first. */
export interface Urgency {
  readonly reason: 'person' | 'rule';
  readonly priority: number;
}

/** A file of a peer that speaks the classic protocol only. */
export interface ClassicSource {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** One to be fetched. */
export interface ClassicOrder extends ClassicSource {
  /** Bytes that the rule takes at most. How long the file is shows only while it comes. */
  readonly maxSize: number | undefined;
}

/** What is to be downloaded, its content aside. */
export interface OrderFacts extends Urgency {
  /** What it is called there. */
  readonly path: string;
  readonly target: RelativePath;
  /** Devices that are known to have it under its path. */
  readonly devices: readonly DeviceId[];
  readonly classic: ClassicOrder | undefined;
  readonly ruleId: string | undefined;
  /** Of the rule that asked. */
  readonly mode: RuleSettings['mode'] | undefined;
}

/** What is to be downloaded. */
export interface DownloadOrder extends OrderFacts {
  /** Undefined for a classic source: its size and hashes are known when it is here. */
  readonly content: FileEntry | undefined;
}

export function isSmall({ size }: Pick<FileEntry, 'size'>): boolean {
  return size < LARGE_BYTES;
}

/** For queues: higher goes first. A person's requests, then those of rules by their priority. */
export function queuePriority({ reason, priority }: Urgency): number {
  return reason === 'person' ? 2 * MAX_PRIORITY : clamp(priority);
}

/** For blocks: lower goes first. A person's requests, then those of rules; of each the small files, then the large ones. */
export function blockRank(urgency: Urgency, content: Pick<FileEntry, 'size'>): number {
  if (urgency.reason === 'person') return isSmall(content) ? 0 : 0.5;
  const within = (MAX_PRIORITY - clamp(urgency.priority)) / (2 * MAX_PRIORITY + 1);
  return (isSmall(content) ? 1 : 2) + within;
}

function clamp(priority: number): number {
  return Math.max(-MAX_PRIORITY, Math.min(MAX_PRIORITY, priority));
}
