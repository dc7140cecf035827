import { decodeText } from '../core/text-decoding.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { compareBytes } from '../model/path-order.ts';
import { IGNORE_FILE, isPrivateName, pathProblem, type RelativePath } from '../model/relative-path.ts';
import { absolutePath, childOf, type FolderPlace, type NamedItem, type SkipReason } from './found-item.ts';
import { MAX_IGNORE_FILE_SIZE, type IgnoreRules } from './ignore-rules.ts';

export interface ListingParts {
  readonly files: FileSystem;
  /** The shared folder, absolute. */
  readonly root: string;
  readonly rules: IgnoreRules;
  /** How the disk spells a path that is indexed, where that differs from the path. */
  readonly nativeName: (path: RelativePath) => string | undefined;
  readonly onSkipped: (native: string, reason: SkipReason) => void;
}

/** What a decoder puts where a name is not UTF-8. A name may contain it, too. */
const REPLACEMENT = '\u{fffd}';

/**
 * What can be shared of what is directly in `folder`, in the byte order of the paths, with the patterns of its own
 * ignore file taken up. Rejects with ENOENT, EACCES…, also when that file is there and cannot be read: what it hides is
 * not known then.
 */
export async function listFolder(parts: ListingParts, folder: FolderPlace): Promise<NamedItem[]> {
  const { files, root, rules } = parts;
  const items = await files.readDirectory(absolutePath(root, folder.native));
  if (items.some(({ name, type }) => name === IGNORE_FILE && type === 'file')) {
    try {
      rules.set(folder.path, await readPatterns(parts, folder));
    } catch (error) {
      rules.keepOrHide(folder.path);
      throw error;
    }
  } else rules.set(folder.path, undefined);
  const byPath = new Map<RelativePath, NamedItem>();
  // In an order of its own, so that of two twins the same one is shared every time.
  items.sort((a, b) => compareBytes(a.name, b.name));
  for (const { name, type } of items) {
    if (isPrivateName(name)) continue;
    const native = childOf(folder, name);
    const problem = await nameProblemOf(parts, native);
    if (problem) {
      parts.onSkipped(native, problem);
      continue;
    }
    const text = folder.path === undefined ? name : `${folder.path}/${name}`;
    const path = text.normalize('NFC') as RelativePath;
    const wrong = pathProblem(path) ?? (type === 'other' ? 'special' : undefined);
    if (wrong) parts.onSkipped(native, wrong);
    else if (!rules.ignoresHere(path, type === 'directory'))
      addUnlessTwin(parts, byPath, { path, native, type });
  }
  return [...byPath.values()].sort((a, b) => compareBytes(a.path, b.path));
}

/** A name that is not UTF-8 was decoded to one that is not there. */
async function nameProblemOf({ files, root }: ListingParts, native: string): Promise<SkipReason | undefined> {
  if (!native.includes(REPLACEMENT)) return undefined;
  try {
    await files.lstat(absolutePath(root, native));
    return undefined;
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT' ? 'not-unicode' : undefined;
  }
}

/** Of names that are the same in NFC the one that is indexed is shared, else the one that is in NFC, else the first. */
function addUnlessTwin(parts: ListingParts, byPath: Map<RelativePath, NamedItem>, item: NamedItem): void {
  const twin = byPath.get(item.path);
  if (!twin) {
    byPath.set(item.path, item);
    return;
  }
  const indexed = parts.nativeName(item.path) ?? item.path;
  const [kept, skipped] = indexed === item.native ? [item, twin] : [twin, item];
  byPath.set(item.path, kept);
  parts.onSkipped(skipped.native, 'twin');
}

async function readPatterns({ files, root }: ListingParts, folder: FolderPlace): Promise<string | undefined> {
  const buffer = new Uint8Array(MAX_IGNORE_FILE_SIZE);
  try {
    const file = await files.open(absolutePath(root, childOf(folder, IGNORE_FILE)), 'read');
    try {
      const length = await file.read(buffer, 0);
      // The last line may be cut, and would then say something else.
      const bytes = Buffer.from(buffer.buffer, 0, length);
      // Where one line is in another encoding, the others still count. Paths are in NFC.
      const text = (decodeText(bytes) ?? bytes.toString('utf8')).normalize('NFC');
      return length < buffer.length ? text : text.slice(0, text.lastIndexOf('\n') + 1);
    } finally {
      await file.close();
    }
  } catch (error) {
    // It has just gone, or a link is there now, which says nothing.
    if (['ENOENT', 'ELOOP'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
