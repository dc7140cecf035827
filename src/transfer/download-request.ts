import type { RuleSettings } from '../config/settings.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { ClassicSource } from './download-order.ts';

/** What a rule or a person asks for. */
export interface DownloadRequest {
  /** What it is called at the devices. */
  readonly path: RelativePath;
  readonly content: FileEntry;
  readonly devices: readonly DeviceId[];
  readonly target: RelativePath;
  readonly reason: 'person' | 'rule';
  readonly ruleId?: string;
  /** Among rules, higher goes first. */
  readonly priority: number;
  /** Of the rule; `fetch` by default. */
  readonly mode?: RuleSettings['mode'];
}

export interface ClassicRequest extends ClassicSource {
  readonly target: RelativePath;
  readonly reason: 'person' | 'rule';
  readonly rule?: Pick<RuleSettings, 'id' | 'mode' | 'priority' | 'maxSize'>;
}
