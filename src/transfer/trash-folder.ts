import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';
import { demandPrivateFolder, makePrivateFolder } from './private-folder.ts';
import { MAX_RECORD_BYTES, readTrashRecord, writeTrashRecord } from './trash-record.ts';
import type { TrashRecord } from './trash-record.ts';

/** A file in the trash; without a record when that was lost, or when it was only to pass through. */
export interface TrashedFile {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** When it came, in ms since the Unix epoch. */
  readonly time: number;
  readonly record: TrashRecord | undefined;
}

const FOLDER = 'trash';
const RECORD = '.json';
/** Its beginning is the time in ms, so that files sort by age; the rest tells those of one moment apart. */
const ID = /^(\d{15})-[0-9a-f]{8}$/;
/** Bytes that tell those of one moment apart. */
export const ID_BYTES = 4;

/** The id of what comes at `time`, in ms since the Unix epoch. */
export function trashId(time: number, random: Uint8Array): string {
  const bounded = Math.min(Math.max(0, Math.floor(time)), 1e15 - 1);
  return `${String(bounded).padStart(15, '0')}-${Buffer.from(random).toString('hex')}`;
}

/** The folder `.compartidos/trash`: files under their ids, and beside each a record of what it was. */
export class TrashFolder {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;

  /** `folder`: the shared one, absolute. */
  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
  }

  /** Rejects with DISK_ERROR when something else is there. */
  async make(): Promise<void> {
    await makePrivateFolder(this.#fileSystem, this.#folder, FOLDER);
  }

  /** Absolute. */
  get path(): string {
    return join(this.#folder, PRIVATE_FOLDER, FOLDER);
  }

  pathOf(id: string): string {
    return join(this.path, id);
  }

  /** Its ids: those of files, and those of records that have none. */
  async names(): Promise<{ files: string[]; records: string[] }> {
    const names = await this.#names();
    const files = new Set(names.filter((name) => ID.test(name)));
    const records = names
      .filter((name) => name.endsWith(RECORD))
      .map((name) => name.slice(0, -RECORD.length))
      .filter((id) => ID.test(id) && !files.has(id));
    return { files: [...files], records };
  }

  /** Undefined when it is not there, or is a folder. */
  async find(id: string): Promise<TrashedFile | undefined> {
    const stat = await this.#stat(id);
    if (!stat || stat.type === 'directory') return undefined;
    const record = await this.#readRecord(id);
    return { id, size: stat.size, time: record?.time ?? Number(ID.exec(id)![1]), record };
  }

  async has(id: string): Promise<boolean> {
    return (await this.#stat(id)) !== undefined;
  }

  async writeRecord(id: string, record: TrashRecord): Promise<void> {
    const file = await this.#fileSystem.open(this.#recordOf(id), 'create');
    try {
      await file.write(writeTrashRecord(record), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async sync(): Promise<void> {
    await this.#fileSystem.syncDirectory(this.path);
  }

  async remove(id: string): Promise<void> {
    await this.#unlink(this.pathOf(id));
    await this.removeRecord(id);
  }

  async removeRecord(id: string): Promise<void> {
    await this.#unlink(this.#recordOf(id));
  }

  #recordOf(id: string): string {
    return this.pathOf(id) + RECORD;
  }

  async #names(): Promise<string[]> {
    try {
      // Through a link, what is removed would be somebody else's.
      await demandPrivateFolder(this.#fileSystem, this.#folder, FOLDER);
      return (await this.#fileSystem.readDirectory(this.path)).map(({ name }) => name);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #readRecord(id: string): Promise<TrashRecord | undefined> {
    try {
      const file = await this.#fileSystem.open(this.#recordOf(id), 'read');
      try {
        const bytes = new Uint8Array(MAX_RECORD_BYTES);
        return readTrashRecord(bytes.subarray(0, await file.read(bytes, 0)));
      } finally {
        await file.close();
      }
    } catch {
      return undefined;
    }
  }

  async #stat(id: string): Promise<FileStat | undefined> {
    try {
      return await this.#fileSystem.lstat(this.pathOf(id));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #unlink(path: string): Promise<void> {
    try {
      await this.#fileSystem.unlink(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}
