import { systemErrorCode } from '../core/errors.ts';
import { isNothingThere } from '../core/file-system.ts';
import type { FileStat } from '../core/file-system.ts';
import { compareBytes } from '../model/path-order.ts';
import {
  absolutePath,
  type FolderPlace,
  type FoundItem,
  type NamedItem,
  type SkipReason,
} from './found-item.ts';
import { listFolder, type ListingParts } from './folder-listing.ts';

export interface WalkParts extends ListingParts {
  /** Called before a folder is listed, so that it can be watched first. */
  readonly onFolder: (folder: FolderPlace) => void;
  /** A folder that is there but cannot be listed: nothing is known of what is in it. */
  readonly onUnreadable: (folder: FolderPlace) => void;
}

/** Items looked at together: the operating system answers them in parallel. */
const CHUNK = 128;

interface Step {
  readonly key: string;
  readonly item: NamedItem;
  /** Into the folder, or at the item itself. */
  readonly into: boolean;
}

/**
 * Everything that can be shared below `start`, in the byte order of the paths, some at a time. A folder's own path
 * comes before that of its neighbour `folder.txt`, what is in it after: `.` sorts before `/`.
 */
export async function* walkFolder(parts: WalkParts, start: FolderPlace): AsyncGenerator<FoundItem[]> {
  const frames = [{ steps: await stepsOf(parts, start), at: 0 }];
  for (;;) {
    const frame = frames.at(-1);
    if (!frame) return;
    const step = frame.steps[frame.at];
    if (!step) {
      frames.pop();
    } else if (step.into) {
      frame.at += 1;
      frames.push({ steps: await stepsOf(parts, step.item), at: 0 });
    } else {
      const chunk: NamedItem[] = [];
      for (; chunk.length < CHUNK; frame.at += 1) {
        const next = frame.steps[frame.at];
        if (!next || next.into) break;
        chunk.push(next.item);
      }
      const found = await Promise.all(chunk.map((item) => lookAt(parts, item)));
      yield found.filter((item) => item !== undefined);
    }
  }
}

async function stepsOf(parts: WalkParts, folder: FolderPlace): Promise<Step[]> {
  parts.onFolder(folder);
  let items: NamedItem[];
  try {
    items = await listFolder(parts, folder);
  } catch (error) {
    if (!isNothingThere(error)) parts.onUnreadable(folder);
    return [];
  }
  const steps: Step[] = [];
  for (const item of items) {
    steps.push({ key: item.path, item, into: false });
    if (item.type === 'directory') steps.push({ key: `${item.path}/`, item, into: true });
  }
  return steps.sort((a, b) => compareBytes(a.key, b.key));
}

/** Undefined when it has gone, or cannot be looked at. */
async function lookAt(parts: WalkParts, { path, native }: NamedItem): Promise<FoundItem | undefined> {
  try {
    const stat: FileStat = await parts.files.lstat(absolutePath(parts.root, native));
    return { path, native, stat };
  } catch (error) {
    const reason: SkipReason = 'unreadable';
    if (systemErrorCode(error) !== 'ENOENT') parts.onSkipped(native, reason);
    return undefined;
  }
}
