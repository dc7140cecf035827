import ignore, { type Ignore } from 'ignore';
import { baseName, parentPath, type RelativePath } from '../model/relative-path.ts';

/** Bytes; a longer file of patterns is not read. */
export const MAX_IGNORE_FILE_SIZE = 256 * 1024;

/**
 * What no one means to share: what systems and programs leave beside people's files. The patterns of a folder can
 * bring these back with `!`.
 */
const BUILT_IN =
  /^(?:\.DS_Store|\.localized|Thumbs\.db|ehthumbs\.db|desktop\.ini|~\$.*|.*\.part|.*\.partial|.*\.crdownload|\..*\.sw[a-p]|.*\.sw[px]|\.~lock\..*#|\.#.*|\.nfs[0-9a-f]{8,}|\.fuse_hidden.*|\.goutputstream-.*|\.Trash-\d+|\$RECYCLE\.BIN|System Volume Information|\.Spotlight-V100|\.Trashes|\.fseventsd)$/i;

const EVERYTHING = '*';

/** Results that one set of patterns may remember before it is made anew: the library never forgets by itself. */
const REMEMBERED = 20_000;

/**
 * Which paths are neither shared nor fetched: the files of patterns in every folder, with the semantics of gitignore, and
 * the configuration of this agent where it lies in the shared folder: what it says is for this computer only.
 */
export class IgnoreRules {
  readonly #configuration: string | undefined;
  readonly #patterns = new Map<RelativePath | undefined, Patterns>();
  #haveChanged = false;
  /** The folder that was asked of last: names come folder by folder. */
  #last: { readonly folder: RelativePath; readonly isIgnored: boolean } | undefined;

  /** @param configuration its path below the shared folder; anything else is none. */
  constructor(configuration?: string) {
    this.#configuration = configuration?.normalize('NFC');
  }

  /**
   * Sets the patterns of `folder` (undefined: the shared folder itself), or removes them.
   * @returns whether they differ from those before.
   */
  set(folder: RelativePath | undefined, text: string | undefined): boolean {
    if (this.#patterns.get(folder)?.text === text) return false;
    this.#haveChanged = true;
    this.#last = undefined;
    if (text === undefined) this.#patterns.delete(folder);
    else this.#patterns.set(folder, new Patterns(text));
    return true;
  }

  /** Whether the patterns of any folder have changed since this was asked last. */
  takeChange(): boolean {
    const haveChanged = this.#haveChanged;
    this.#haveChanged = false;
    return haveChanged;
  }

  /** The patterns of `folder` cannot be read now: those from before stay, and without any, all that is in it is ignored. */
  keepOrHide(folder: RelativePath | undefined): void {
    if (this.#patterns.has(folder)) return;
    this.#last = undefined;
    this.#patterns.set(folder, new Patterns(EVERYTHING));
  }

  /** Whether `path` or a folder that it is in is ignored. */
  ignores(path: RelativePath, isFolder: boolean): boolean {
    const parent = parentPath(path);
    if (parent !== undefined && this.#ignoresFolder(parent)) return true;
    return this.ignoresHere(path, isFolder);
  }

  #ignoresFolder(folder: RelativePath): boolean {
    if (this.#last?.folder !== folder) this.#last = { folder, isIgnored: this.ignores(folder, true) };
    return this.#last.isIgnored;
  }

  /** The same for a path whose folders are known not to be ignored. */
  ignoresHere(path: RelativePath, isFolder: boolean): boolean {
    if (path === this.#configuration) return true;
    return this.#verdict(path, isFolder) ?? BUILT_IN.test(baseName(path));
  }

  /** What the patterns say of it, those of the folder that it is in first. */
  #verdict(path: RelativePath, isFolder: boolean): boolean | undefined {
    if (this.#patterns.size === 0) return undefined;
    let folder: RelativePath | undefined = path;
    do {
      folder = parentPath(folder);
      const verdict = this.#patterns.get(folder)?.verdict(relativeTo(folder, path), isFolder);
      if (verdict !== undefined) return verdict;
    } while (folder !== undefined);
    return undefined;
  }
}

/** The patterns of one folder. */
class Patterns {
  readonly text: string;
  #rules: Ignore;
  #asked = 0;

  constructor(text: string) {
    this.text = text;
    this.#rules = compile(text);
  }

  /** Whether `path`, relative to this folder, is ignored; undefined when no pattern here says so or the contrary. */
  verdict(path: string, isFolder: boolean): boolean | undefined {
    this.#asked += 1;
    if (this.#asked > REMEMBERED) {
      this.#rules = compile(this.text);
      this.#asked = 0;
    }
    const name = isFolder ? `${path}/` : path;
    const { ignored, unignored } = this.#rulesFor(path).test(name);
    if (ignored) return true;
    return unignored ? false : undefined;
  }

  /**
   * The library takes for ignored what is in a folder that is ignored here. When we are asked, that folder has been
   * brought back further down: then only patterns that are about the path itself count.
   */
  #rulesFor(path: string): Ignore {
    const slash = path.lastIndexOf('/');
    if (slash < 0 || !this.#rules.test(path.slice(0, slash + 1)).ignored) return this.#rules;
    const back: string[] = [];
    let folder = '';
    for (const name of path.split('/').slice(0, -1)) {
      folder += `/${literal(name)}`;
      back.push(`!${folder}/`);
    }
    return compile(this.text).add(back);
  }
}

/** A pattern that matches `name` alone. */
function literal(name: string): string {
  return name.replace(/[\\*?[\]!# ]/g, '\\$&');
}

function compile(text: string): Ignore {
  // Case counts, as it does for git where the file system tells names apart by it.
  return ignore({ ignorecase: false }).add(text.normalize('NFC'));
}

function relativeTo(folder: RelativePath | undefined, path: RelativePath): string {
  return folder === undefined ? path : path.slice(folder.length + 1);
}
