import { Emitter } from '../core/emitter.ts';
import type { CompartidosError } from '../core/errors.ts';
import type { FileStat } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { ChangeFinder } from './change-finder.ts';
import { ChangeWriter } from './change-writer.ts';
import { ContentCheck, isCheckable } from './content-check.ts';
import { diskRefusal } from './disk-refusal.ts';
import { ExpectedFiles } from './expected-files.ts';
import type { FolderIndexParts } from './folder-parts.ts';
import { FolderDisk } from './folder-disk.ts';
import { FolderState, isFolderProblem } from './folder-state.ts';
import { HeldPaths } from './held-paths.ts';
import { isKnown } from './known-file.ts';
import { LastRun } from './last-run.ts';
import type { LocalIndex, LocalIndexEvents } from './local-index.ts';
import { LocalRecorder } from './local-recorder.ts';
import { OwnChanges } from './own-changes.ts';
import { PathRefresh } from './path-refresh.ts';
import { ScanSchedule } from './scan-schedule.ts';
import { SharedFolder } from './shared-folder.ts';
import type { SkippedFile } from './skipped-files.ts';
import { SqliteError } from './sqlite.ts';

/** The index of the shared folder on this machine's disk. */
export class FolderIndex implements LocalIndex, Startable {
  readonly events = new Emitter<LocalIndexEvents>();
  readonly contents: ContentCheck;
  readonly #parts: FolderIndexParts;
  readonly #shared: SharedFolder;
  readonly #disk: FolderDisk;
  readonly #state: FolderState;
  readonly #writer: ChangeWriter;
  readonly #expected: ExpectedFiles;
  readonly #recorder: LocalRecorder;
  readonly #lastRun: LastRun;
  readonly #held: HeldPaths;
  readonly #finder: ChangeFinder;
  readonly #scans: ScanSchedule;
  readonly #refresh: PathRefresh;
  readonly #own: OwnChanges;
  #isStarted = false;
  #isReady = false;

  constructor(parts: FolderIndexParts) {
    const { folder, files, memory, random, logger, clock, store, self } = parts;
    this.#parts = parts;
    this.#shared = new SharedFolder(folder, files, memory, random);
    this.#disk = new FolderDisk(folder, files, memory);
    this.#state = new FolderState(logger, (problems) => {
      this.events.emit('problem', problems);
      this.#scans.renew();
    });
    this.#writer = new ChangeWriter(store, clock, logger, (entries) => this.events.emit('changed', entries));
    this.#lastRun = new LastRun(memory, store);
    this.#expected = new ExpectedFiles(memory);
    this.#recorder = new LocalRecorder(this.#writer, self, clock, this.#expected, store.corrupt, this.#disk);
    this.#held = new HeldPaths((path) => this.#finder.suspect(path));
    this.#finder = new ChangeFinder({
      ...parts,
      shared: this.#shared,
      disk: this.#disk,
      writer: this.#writer,
      recorder: this.#recorder,
      state: this.#state,
      isHeld: (path) => this.#held.keep(path),
      onFreed: (path) => this.events.emit('freed', path),
      onIgnoring: () => this.events.emit('ignoring'),
    });
    this.#scans = new ScanSchedule({
      clock,
      shared: this.#shared,
      disk: this.#disk,
      state: this.#state,
      finder: this.#finder,
      isEmpty: () => store.totals().entries === 0,
      onFirst: () => this.#becomeReady(),
    });
    this.#refresh = new PathRefresh({
      hasher: parts.hasher,
      held: this.#held,
      finder: this.#finder,
      writer: this.#writer,
      recorder: this.#recorder,
      state: this.#state,
      disk: this.#disk,
      isTwin: async (path) => (await this.#diskRefusal(path)) === 'twin',
    });
    this.#own = new OwnChanges({
      files,
      disk: this.#disk,
      state: this.#state,
      held: this.#held,
      expected: this.#expected,
      corrupt: store.corrupt,
      finder: this.#finder,
      writer: this.#writer,
    });
    this.contents = new ContentCheck({
      ...parts,
      writer: this.#writer,
      nativeOf: (path) => this.#nativeOf(path),
      isHeld: (path) => this.#held.has(path),
      assertFolder: () => this.#state.assertFolder(),
    });
  }

  /**
   * Begins to watch and to scan; `ready` tells when the first scan is complete. A lost folder is waited for.
   * Rejects with FOLDER_MISSING when the folder was never there and cannot be made or used.
   */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#isReady = false;
    this.#lastRun.begin();
    this.#finder.start();
    await this.#scans.start();
  }

  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    this.#scans.stop();
    await this.#finder.stop();
    this.#writer.flush();
    this.#lastRun.end();
  }

  /** Whether the first scan since the start is complete. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether the folder is not there, has not been scanned yet, or something in it waits to be read. */
  get isBusy(): boolean {
    return !this.#isReady || this.#state.folderProblem !== undefined || this.reading > 0;
  }

  /** Files that are being read or wait for it. */
  get reading(): number {
    return this.#finder.content.size;
  }

  /** What keeps the index from being complete: FOLDER_MISSING, FOLDER_CHANGED, WATCH_LIMIT. */
  get problems(): readonly CompartidosError[] {
    return this.#state.problems;
  }

  get indexId(): string {
    return this.#parts.store.indexId;
  }

  get sequence(): number {
    return this.#parts.store.sequence;
  }

  hasReached(sequence: number): boolean {
    return this.#parts.store.hasReached(sequence);
  }

  get(path: RelativePath): FileEntry | undefined {
    return this.#parts.store.get(path);
  }

  after(sequence: number, limit: number): FileEntry[] {
    return this.#parts.store.after(sequence, limit);
  }

  withHash(hash: Uint8Array): FileEntry[] {
    return this.#parts.store.withHash(hash).filter(({ path }) => !this.isCorrupt(path));
  }

  findBlock(hash: Uint8Array): { path: RelativePath; offset: number; length: number } | undefined {
    return this.#parts.store.findBlock(hash);
  }

  hold(paths: readonly RelativePath[]): Promise<() => void> {
    return this.#held.hold(paths);
  }

  expect(entries: readonly Omit<FileEntry, 'sequence'>[]): () => void {
    return this.#expected.expect(entries);
  }

  isDoubted(path: RelativePath): boolean {
    return this.#held.has(path) || this.isCorrupt(path) || this.#parts.store.isDoubted(path);
  }

  isCorrupt(path: RelativePath): boolean {
    return this.#parts.store.corrupt.has(path);
  }

  suspect(path: RelativePath): void {
    this.#finder.suspect(path);
  }

  async recheck(path: RelativePath, number: number): Promise<void> {
    const facts = this.#parts.store.facts(path);
    if (facts && isCheckable(facts)) await this.contents.part(facts, number, 1);
  }

  async verifyFolder(): Promise<void> {
    this.#state.assertFolder();
    try {
      await this.#shared.verify(false);
    } catch (error) {
      if (isFolderProblem(error)) this.#state.setFolder(error);
      throw error;
    }
  }

  locate(path: RelativePath): string {
    return this.#finder.locate(path);
  }

  /** What lies in the folder but is not shared, and why. */
  skipped(): SkippedFile[] {
    return this.#finder.skipped.list();
  }

  ignores(path: RelativePath, isFolder = false): boolean {
    return this.#finder.rules.ignores(path, isFolder);
  }

  isOtherDisk(path: RelativePath, stat: FileStat): boolean {
    return this.#disk.isOtherFolder(this.#writer.facts(path), stat);
  }

  refusal(path: RelativePath): ReturnType<LocalIndex['refusal']> {
    return this.ignores(path) ? 'ignored' : this.#diskRefusal(path);
  }

  async record(entries: readonly Omit<FileEntry, 'sequence'>[]): Promise<FileEntry[]> {
    await this.#own.record(entries);
    return entries.map(({ path }) => this.get(path)!);
  }

  withdraw(path: RelativePath): void {
    this.#recorder.recordWithdrawal(path);
  }

  disown(paths: readonly RelativePath[]): void {
    for (const path of paths) this.#recorder.recordDisowned(path);
    this.#writer.flush();
  }

  announceAgain(paths: readonly RelativePath[]): void {
    for (const path of paths) this.#recorder.recordAgain(path);
    this.#writer.flush();
  }

  async refresh(path: RelativePath): Promise<FileEntry | undefined> {
    await this.#refresh.refresh(path);
    return this.get(path);
  }

  /** The SHA-256 of a file as it is now, or undefined when there is none. Remembered until the file changes. */
  async sha256(path: RelativePath): Promise<Uint8Array | undefined> {
    const { store, hasher } = this.#parts;
    const entry = this.get(path);
    if (!entry || entry.deleted || entry.type !== 'file') return undefined;
    const known = store.sha256(path);
    if (known) return known;
    const outcome = await hasher.sha256(this.locate(path), entry.size);
    if (outcome.type !== 'digested') return undefined;
    const item = { path, native: this.#nativeOf(path), stat: outcome.stat };
    if (isKnown(this.#writer.facts(path), item)) store.setSha256(entry, outcome.digest);
    return outcome.digest;
  }

  /** Scans everything now. Says whether the scan came to its end. */
  async rescan(): Promise<boolean> {
    const isDone = await this.#finder.scan();
    this.#writer.flush();
    return isDone;
  }

  /** False when the database does not take what was found, as on a full disk: then there is more to come. */
  #becomeReady(): boolean {
    try {
      this.#writer.flush();
      if (this.#finder.isSettled) this.#expected.settle();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      return false;
    }
    this.#isReady = true;
    this.events.emit('ready');
    return true;
  }

  #diskRefusal(path: RelativePath): ReturnType<typeof diskRefusal> {
    return diskRefusal(path, this.locate(path), this.#parts.files, this.#shared, this.#disk);
  }

  /** Below the shared folder. */
  #nativeOf(path: RelativePath): string {
    return this.#finder.nativeOf(path);
  }
}
