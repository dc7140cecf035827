import type { Clock } from './clock.ts';
import type { FileStat } from './file-system.ts';
import { JointLooks } from './joint-looks.ts';
import type { Startable } from './lifecycle.ts';
import { NodeFileSystem } from './node-file-system.ts';

/** The machine's own file system, for those who look at thousands of files at a time. */
export class ThreadedFileSystem extends NodeFileSystem implements Startable {
  readonly #looks: JointLooks;

  constructor(clock: Clock) {
    super();
    this.#looks = new JointLooks((path) => super.lstat(path), clock);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#looks.stop();
  }

  override lstat(path: string): Promise<FileStat> {
    return this.#looks.lstat(path);
  }
}
