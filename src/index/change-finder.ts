import { basename, relative, sep } from 'node:path';
import { IGNORE_FILE, isPrivateName, type RelativePath } from '../model/relative-path.ts';
import type { ChangeWriter } from './change-writer.ts';
import { ContentQueue } from './content-queue.ts';
import { Disappearances } from './disappearances.ts';
import { Examiner, type Occasion } from './examiner.ts';
import type { HashOutcome } from './file-hasher.ts';
import type { FolderDisk } from './folder-disk.ts';
import { FolderNames } from './folder-names.ts';
import type { FolderIndexParts } from './folder-parts.ts';
import { FolderScans } from './folder-scans.ts';
import type { FolderState } from './folder-state.ts';
import { FolderTroubles } from './folder-troubles.ts';
import { absolutePath, pathIn, TOP, type FolderPlace, type FoundItem } from './found-item.ts';
import { IgnoreRules } from './ignore-rules.ts';
import type { LocalRecorder } from './local-recorder.ts';
import { nativeOf, nativePath } from './known-file.ts';
import { PathLook, type Findings } from './path-look.ts';
import type { SharedFolder } from './shared-folder.ts';
import { SkippedFiles } from './skipped-files.ts';
import { UnreadFiles } from './unread-files.ts';
import { WatchedFolders } from './watched-folders.ts';
import { WriteGuard } from './write-guard.ts';

export interface ChangeFinderParts extends FolderIndexParts {
  readonly shared: SharedFolder;
  readonly disk: FolderDisk;
  readonly writer: ChangeWriter;
  readonly recorder: LocalRecorder;
  readonly state: FolderState;
  /** Whether somebody else sees to this path now; the finder is told of it later. */
  readonly isHeld: (path: RelativePath) => boolean;
  /** What lay at `path` and could not be shared is there no more. */
  readonly onFreed: (path: RelativePath) => void;
  /** Other names are ignored than before, and a scan has been where they are. */
  readonly onIgnoring: () => void;
}

/** Events waiting for a look, from which on the system has perhaps dropped some (Linux keeps 16384 in its queue). */
const MANY_EVENTS = 16_000;

/** Paths that are looked at together: the operating system answers in parallel. */
const LOOKS_AT_ONCE = 64;

/** Finds out what changes in the shared folder, by watching and by scanning, and has it recorded. */
export class ChangeFinder {
  readonly rules: IgnoreRules;
  readonly skipped: SkippedFiles;
  readonly content: ContentQueue;
  readonly disappearances: Disappearances;
  readonly examiner: Examiner;
  readonly #parts: ChangeFinderParts;
  readonly #root: string;
  readonly #arrivals: WriteGuard;
  readonly #watched: WatchedFolders;
  readonly #look: PathLook;
  readonly #troubles: FolderTroubles;
  readonly #unread: UnreadFiles;
  #mayHaveMissed = false;
  readonly #scans: FolderScans;
  readonly #looking = new Set<Promise<unknown>>();
  #abort = new AbortController();

  constructor(parts: ChangeFinderParts) {
    this.#parts = parts;
    const { folder: root, configFile, files, clock, logger, writer, recorder, hasher, shared, disk } = parts;
    this.#root = root;
    const isStopped = () => this.#abort.signal.aborted;
    this.#troubles = new FolderTroubles({ state: parts.state, logger, isStopped });
    this.rules = new IgnoreRules(configFile && relative(root, configFile).split(sep).join('/'));
    this.skipped = new SkippedFiles(logger, parts.onFreed);
    this.#watched = new WatchedFolders(root);
    this.#arrivals = new WriteGuard(clock, (paths, occasion) => void this.#lookInto(paths, occasion));
    this.#unread = new UnreadFiles(clock, (path) => this.#arrivals.arrived(path));
    this.content = new ContentQueue(root, hasher, {
      onProgress: (item, progress) => {
        if (!this.#mayRecord(item) || this.#isBeingWritten(item)) return;
        this.#troubles.orUnread(() => recorder.recordProgress(item, progress));
      },
      onOutcome: (item, outcome) => this.#troubles.orUnread(() => this.#finish(item, outcome)),
      onReleased: (inode) => void this.#checkMissing(this.disappearances.released(inode)),
    });
    const shallow = { root, files, logger, writer, recorder, content: this.content, rules: this.rules, disk };
    this.examiner = new Examiner({ ...shallow, clock, guard: this.#arrivals, skipped: this.skipped });
    this.#look = new PathLook({
      ...shallow,
      examiner: this.examiner,
      skipped: this.skipped,
      watched: this.#watched,
      mayRecord: (item) => this.#mayRecord(item),
      scan: (place) => this.scan(place),
      isCaseBlind: () => shared.isCaseBlind(),
    });
    this.disappearances = new Disappearances({
      ...shallow,
      examiner: this.examiner,
      verifyFolder: () => shared.verify(false),
      suspect: (path) => this.suspect(path),
      isHeld: parts.isHeld,
      onRemoving: ({ path, type }) => {
        if (type === 'directory') this.folderRemoved(path);
      },
    });
    this.#scans = new FolderScans({
      ...shallow,
      store: parts.store,
      state: parts.state,
      clock,
      walk: { files, root, rules: this.rules, nativeName: this.#nativeName },
      examiner: this.examiner,
      disappearances: this.disappearances,
      skipped: this.skipped,
      watched: this.#watched,
      troubles: this.#troubles,
      mayExamine: (item) => this.#mayRecord(item) && !this.#isBeingWritten(item),
      signal: () => this.#abort.signal,
      onIgnoring: parts.onIgnoring,
    });
  }

  start(): void {
    this.#abort = new AbortController();
    const watcher = this.#parts.watcher();
    this.#watched.start(watcher);
    watcher.events.on('touched', (directory, name, how) => this.#touched(directory, name, how));
    watcher.events.on('failed', (directory, code) => {
      this.#troubles.watchRefused(code);
      // Where a disk is pulled out, nothing else may tell of it.
      if (directory === this.#root) void this.#verify();
    });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#arrivals.clear();
    this.#unread.clear();
    this.content.wake();
    await this.#watched.stop();
    await this.#scans.ended();
  }

  /** The native, absolute path of `path`. */
  locate(path: RelativePath): string {
    return absolutePath(this.#root, this.nativeOf(path));
  }

  /** The same, below the shared folder. */
  nativeOf(path: RelativePath): string {
    return nativePath(path, this.#nativeName);
  }

  /** The folder was away: its directories are watched anew by the next scan. */
  forgetWatches(): void {
    this.#watched.unwatchTree(TOP.native);
  }

  /** A watch that outlives its directory would keep another of that name from being watched. */
  folderRemoved(path: RelativePath): void {
    this.rules.set(path, undefined);
    if (this.rules.takeChange()) this.#parts.onIgnoring();
    this.#watched.unwatchTree(this.nativeOf(path));
  }

  /** Whether nothing waits to be looked at or to be read. */
  get isSettled(): boolean {
    return this.content.size + this.#arrivals.size + this.#looking.size === 0;
  }

  /** Looks at `path` soon: something may have happened to it. */
  suspect(path: RelativePath): void {
    if (!this.#abort.signal.aborted) this.#troubles.orUnread(() => this.#arrivals.arrived(this.locate(path)));
  }

  /** Compares a folder, or everything, with the index; one scan at a time. Says whether it came to its end. */
  scan(start: FolderPlace = TOP): Promise<boolean> {
    return this.#scans.scan(start);
  }

  #touched(directory: string, name: string | undefined, how: 'arrived' | 'written'): void {
    if (name === undefined) {
      const place = this.#watched.folderAt(directory);
      if (place) this.#scans.scanAnew(place);
      return;
    }
    if (isPrivateName(name) && name !== IGNORE_FILE) return;
    // What happens to a watched directory itself is told as of something in it with its name.
    if (directory === this.#root && how === 'arrived' && name === basename(directory)) void this.#verify();
    if (how === 'arrived' && this.#isHeldAt(directory, name)) return;
    const path = absolutePath(directory, name);
    if (how === 'arrived') this.#arrivals.arrived(path);
    else this.#arrivals.written(path);
    if (this.#arrivals.size > MANY_EVENTS) this.#mayHaveMissed = true;
  }

  async #verify(): Promise<void> {
    await this.#troubles.orLost(() => this.#parts.shared.verify(false));
  }

  /** Somebody is putting it there himself, and says so when he is done: most often there is nothing to look at then. */
  #isHeldAt(directory: string, name: string): boolean {
    const place = this.#watched.folderAt(directory);
    if (!place || name === IGNORE_FILE) return false;
    return this.#parts.isHeld(pathIn(place, name));
  }

  async #lookInto(paths: readonly string[], occasion: Occasion): Promise<void> {
    const looking = this.#lookAtAll(paths, occasion);
    this.#looking.add(looking);
    const missing = await looking;
    this.#looking.delete(looking);
    if (missing.length > 0) {
      // What came goes before what went: then a rename is seen as one. Its two halves may be due one after the other.
      await this.#arrivals.handedOver();
      await Promise.all(this.#looking);
      await this.#checkMissing(missing);
    }
    if (this.#mayHaveMissed && this.#arrivals.size === 0) {
      this.#mayHaveMissed = false;
      this.#scans.scanAnew();
    }
  }

  /** @returns what seems to have gone. */
  async #lookAtAll(paths: readonly string[], occasion: Occasion): Promise<RelativePath[]> {
    const found: Findings = { missing: [], scans: [], names: new FolderNames(this.#parts.files) };
    for (let at = 0; at < paths.length; at += LOOKS_AT_ONCE) {
      if (this.#abort.signal.aborted || this.#parts.state.folderProblem) return [];
      const together = paths.slice(at, at + LOOKS_AT_ONCE);
      await Promise.all(
        together.map((path) => this.#troubles.orLost(() => this.#look.lookAt(path, occasion, found))),
      );
    }
    await Promise.all(found.scans);
    return found.missing;
  }

  async #checkMissing(paths: readonly RelativePath[]): Promise<void> {
    if (paths.length === 0 || this.#parts.state.folderProblem) return;
    await this.#troubles.orLost(() => this.disappearances.check(paths));
  }

  #finish(item: FoundItem, outcome: HashOutcome): void {
    if (!this.#mayRecord(item)) return;
    const path = absolutePath(this.#root, item.native);
    // The next look comes when nobody has written for a while.
    if (this.#isBeingWritten(item)) return;
    const isUnread = this.#unread.tell(path, outcome);
    if (outcome.type === 'hashed') this.#parts.recorder.recordContent(item, outcome);
    else if (outcome.type === 'changed') this.#arrivals.written(path);
    else if (outcome.code === 'ENOENT') this.#arrivals.arrived(path);
    else if (isUnread) this.skipped.add(item.native, 'unreadable');
  }

  #mayRecord({ path }: FoundItem): boolean {
    return !this.#abort.signal.aborted && !this.#parts.state.folderProblem && !this.#parts.isHeld(path);
  }

  #isBeingWritten({ native }: FoundItem): boolean {
    return this.#arrivals.isBeingWritten(absolutePath(this.#root, native));
  }

  readonly #nativeName = (path: RelativePath): string | undefined => {
    const facts = this.#parts.writer.facts(path);
    return facts && !facts.deleted ? nativeOf(facts) : undefined;
  };
}
