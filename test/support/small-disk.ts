import { execFile, spawnSync } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { systemErrorCode } from '../../src/core/errors.ts';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(256 * 1024, 'x');

/** A disk of its own in memory, mounted at a folder. Root only. */
export class SmallDisk {
  readonly folder: string;
  #filler: string | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes `folder` a disk of `bytes`; it is unmounted after the test. */
  static async mount(t: ExecutionContext, folder: string, bytes: number): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'compartidos-test', folder]);
    const unmount = () => void spawnSync('umount', ['-l', folder]);
    process.once('exit', unmount);
    t.teardown(() => {
      process.off('exit', unmount);
      unmount();
    });
    return new SmallDisk(folder);
  }

  /** Bytes that may still be written. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }

  /** Writes a file of its own until nothing more can be written. */
  async fill(): Promise<void> {
    this.#filler = join(this.folder, '.compartidos-filler.part');
    const file = await open(this.#filler, 'a');
    try {
      for (;;) await file.write(CHUNK);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  /** Removes what `fill` wrote. */
  async empty(): Promise<void> {
    if (this.#filler) await rm(this.#filler, { force: true });
  }
}
