import { totalmem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { textOfBytes } from '../core/byte-text.ts';
import type { FoundEntry, RowReader, Sought } from '../index/row-reader.ts';
import { compileGlob, isGlob } from '../model/glob.ts';
import { fold } from './fold.ts';
import { globLiterals } from './glob-literals.ts';
import { NameArena } from './name-arena.ts';

/** One content under one path, and the numbers of the devices that have it. */
interface Match extends FoundEntry {
  readonly devices: readonly number[];
}

/** Names read into memory at a time: a few ms of work. */
const PAGE = 5000;
/** Rows looked up at a time. */
const BATCH = 500;
/** Names that may be of entries no longer known, besides as many again as there are known ones. */
const STALE_NAMES = 10_000;

/** The part of the machine's memory that names may take; a hostile device's are as long as paths may be. */
const MEMORY_PART = 4;

/**
 * Finds what all devices have by name. The names are in memory, as far as there is room, everything else is looked up in
 * the database.
 */
export class FileSearch {
  readonly #rows: RowReader;
  readonly #maxBytes: number;
  readonly #arena = new NameArena();
  /** Names of rows up to this one are in memory. */
  #last = 0;

  /** @param maxBytes of names that may be in memory, give or take a page */
  constructor(rows: RowReader, maxBytes = totalmem() / MEMORY_PART) {
    this.#rows = rows;
    this.#maxBytes = maxBytes;
  }

  /** Names in memory and the bytes that they take. */
  get names(): { readonly count: number; readonly bytes: number } {
    return { count: this.#arena.count, bytes: this.#arena.bytes };
  }

  /**
   * Reads the next names into memory; says whether there may be more that have room. `find` reads what is missing by
   * itself.
   */
  readAhead(): boolean {
    this.#forgetStale();
    if (this.#arena.bytes >= this.#maxBytes) return false;
    const page = this.#read(this.#arena, this.#last);
    this.#last = page.last;
    return page.isMore;
  }

  /**
   * At most `limit` of what is sought and has a path that matches, by ascending path; which ones, when more match, is not
   * defined. With `from`, only those that the device of that number has. Each comes with all devices that have it.
   * Others have their turns meanwhile, and may change what is found. @throws GLOB_INVALID
   */
  async find(sought: Sought, query: string, limit: number, from?: number): Promise<Match[]> {
    const folded = fold(query);
    const glob = isGlob(folded) ? compileGlob(folded) : undefined;
    const texts = glob ? globLiterals(folded) : [folded];
    const matches = new Map<string, MutableMatch>();
    let complete = from === undefined;
    while (this.readAhead()) await setImmediate();
    for await (const rows of inTurns(this.#matching(texts, glob))) {
      for (const row of this.#rows.found(sought, rows)) {
        if (from !== undefined && row.device !== from) continue;
        if (matches.size < limit) gather(matches, row);
        else complete = false;
      }
      if (matches.size >= limit) {
        complete = false;
        break;
      }
    }
    const found = [...matches.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return complete ? found : await this.#completed(sought, found);
  }

  /** Names of devices that began anew, or were forgotten, are let go when they are most of all. */
  #forgetStale(): void {
    if (this.#arena.count <= STALE_NAMES || this.#arena.count <= 2 * this.#rows.count + STALE_NAMES) return;
    this.#arena.clear();
    this.#last = 0;
  }

  /** The rows whose names match, those first that are in memory; some at a time, or none after a few ms of work. */
  *#matching(texts: readonly string[], test?: (name: string) => boolean): Generator<readonly number[]> {
    let at = this.#last;
    for (const rows of this.#arena.search(texts, test)) yield* batches(rows);
    for (let isMore = true; isMore;) {
      const names = new NameArena();
      const page = this.#read(names, at);
      for (const rows of names.search(texts, test)) yield* batches(rows);
      at = page.last;
      isMore = page.isMore;
    }
  }

  /** Adds the names of the rows after `row` to `arena`. */
  #read(arena: NameArena, row: number): { readonly last: number; readonly isMore: boolean } {
    const { rows, paths, last, read } = this.#rows.pathsAfter(row, PAGE);
    if (rows.length > 0) arena.add(rows, fold(paths).split('\\'));
    return { last, isMore: read === PAGE };
  }

  /** With the devices whose rows were not reached. */
  async #completed(sought: Sought, found: readonly Match[]): Promise<Match[]> {
    const complete = new Map(found.map((match) => [keyOf(match), { ...match, devices: [] as number[] }]));
    for (let at = 0; at < found.length; at += BATCH) {
      if (at > 0) await setImmediate();
      const paths = found.slice(at, at + BATCH).map(({ path }) => path);
      for (const row of this.#rows.foundAt(sought, paths)) complete.get(keyOf(row))?.devices.push(row.device);
    }
    return [...complete.values()];
  }
}

type MutableMatch = Match & { readonly devices: number[] };

function gather(matches: Map<string, MutableMatch>, row: FoundEntry & { readonly device: number }): void {
  const key = keyOf(row);
  const match = matches.get(key);
  if (match) match.devices.push(row.device);
  else {
    const { path, type, size, mtimeUs, hash, target, device } = row;
    matches.set(key, { path, type, size, mtimeUs, hash, target, devices: [device] });
  }
}

/** Of one path and one content: no path has a backslash. */
function keyOf({ path, type, hash, target }: FoundEntry): string {
  return `${path}\\${type}\\${hash ? textOfBytes(hash) : target}`;
}

/** All of `rows`, of none an empty batch. */
function* batches(rows: readonly number[]): Generator<readonly number[]> {
  if (rows.length <= BATCH) yield rows;
  else for (let at = 0; at < rows.length; at += BATCH) yield rows.slice(at, at + BATCH);
}

/** Whoever waits for the network or the disk has a turn before each but the first. */
async function* inTurns<Slice>(slices: Iterable<Slice>): AsyncGenerator<Slice> {
  let isFirst = true;
  for (const slice of slices) {
    if (!isFirst) await setImmediate();
    isFirst = false;
    yield slice;
  }
}
