import type { LocalIndex } from '../index/local-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { parentPath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** What of ours is above `target` and is no folder; nothing is above folders that are `free`. */
export function fileAbove(
  index: Pick<LocalIndex, 'get'>,
  target: RelativePath,
  free?: ReadonlySet<RelativePath>,
): FileEntry | undefined {
  for (let path = parentPath(target); path !== undefined; path = parentPath(path)) {
    if (free?.has(path)) return undefined;
    const ours = index.get(path);
    if (ours && !ours.deleted && ours.type !== 'directory') return ours;
  }
  return undefined;
}
