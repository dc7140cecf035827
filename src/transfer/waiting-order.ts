import type { RuleSettings } from '../config/settings.ts';
import { bytesOfText, textOfBytes } from '../core/byte-text.ts';
import { DELETED_BIT, EXECUTABLE_BIT, flagsOf, typeOfFlags } from '../index/entry-row.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { ClassicOrder, DownloadOrder, OrderFacts } from './download-order.ts';
import { textOfVersion, versionOfText } from './version-text.ts';

/** An order as it is kept while it waits for its turn. */
export class WaitingOrder implements OrderFacts {
  readonly path: string;
  readonly target: RelativePath;
  readonly content: PackedContent | undefined;
  readonly devices: readonly DeviceId[];
  readonly classic: ClassicOrder | undefined;
  readonly reason: 'person' | 'rule';
  readonly ruleId: string | undefined;
  readonly priority: number;
  readonly mode: RuleSettings['mode'] | undefined;

  constructor(order: DownloadOrder) {
    this.path = order.path;
    // Mostly the same text, which was read from the database more than once.
    this.target = same(order.target, order.path);
    this.content = order.content && new PackedContent(order.content, same(order.content.path, order.path));
    this.devices = order.devices;
    this.classic = order.classic;
    this.reason = order.reason;
    this.ruleId = order.ruleId;
    this.priority = order.priority;
    this.mode = order.mode;
  }

  /** The order as it was given. */
  whole(): DownloadOrder {
    const { path, target, content, devices, classic, reason, ruleId, priority, mode } = this;
    return {
      path,
      target,
      content: content?.unpacked(),
      devices,
      classic,
      reason,
      ruleId,
      priority,
      mode,
    };
  }
}

/** A typed array of 32 bytes costs some 500, a string of as many characters 50. */
class PackedContent {
  readonly path: RelativePath;
  readonly size: number;
  readonly #flags: number;
  readonly #mtimeUs: number;
  readonly #target: string;
  readonly #version: string;
  readonly #blocks: string;
  readonly #hash: string | undefined;
  readonly #sequence: number;

  constructor(content: FileEntry, path: RelativePath) {
    this.path = path;
    this.size = content.size;
    this.#flags = flagsOf(content);
    this.#mtimeUs = content.mtimeUs;
    this.#target = content.target;
    this.#version = textOfVersion(content.version);
    this.#blocks = textOfBytes(content.blocks);
    this.#hash = content.hash && textOfBytes(content.hash);
    this.#sequence = content.sequence;
  }

  unpacked(): FileEntry {
    return {
      path: this.path,
      type: typeOfFlags(this.#flags),
      deleted: (this.#flags & DELETED_BIT) !== 0,
      size: this.size,
      mtimeUs: this.#mtimeUs,
      executable: (this.#flags & EXECUTABLE_BIT) !== 0,
      target: this.#target,
      version: versionOfText(this.#version),
      blocks: bytesOfText(this.#blocks),
      hash: this.#hash === undefined ? undefined : bytesOfText(this.#hash),
      sequence: this.#sequence,
    };
  }
}

/** `text`, in the memory of `other` if that is equal. */
function same<Text extends string>(text: Text, other: string): Text {
  return text === other ? (other as Text) : text;
}
