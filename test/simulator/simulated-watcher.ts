import type { Clock } from '../../src/core/clock.ts';
import { Emitter } from '../../src/core/emitter.ts';
import type { FolderWatcher, FolderWatcherEvents } from '../../src/index/folder-watcher.ts';
import type { DiskNode } from './disk-node.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** What becomes of an event: when it is told of, in ms, or that its queue ran over. */
export interface EventFate {
  readonly delay: number;
  readonly overflow: boolean;
}

/** Watches directories of a simulated disk: each by its inode, as the system does, under the name that it had. */
export class SimulatedWatcher implements FolderWatcher {
  readonly events = new Emitter<FolderWatcherEvents>();
  readonly #disk: SimulatedDisk;
  readonly #fate: () => EventFate;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #queue: FolderWatcherEvents['touched'][] = [];
  readonly #nodes = new Map<string, DiskNode>();
  readonly #paths = new Map<DiskNode, Set<string>>();

  constructor(disk: SimulatedDisk, fate: () => EventFate, clock: Pick<Clock, 'after'>) {
    this.#disk = disk;
    this.#fate = fate;
    this.#clock = clock;
  }

  watch(directory: string): void {
    if (this.#nodes.has(directory)) return;
    const node = this.#disk.find(directory);
    if (node?.type !== 'directory') {
      this.events.emit('failed', directory, 'ENOENT');
      return;
    }
    this.#nodes.set(directory, node);
    this.#paths.set(node, (this.#paths.get(node) ?? new Set()).add(directory));
  }

  unwatch(directory: string): void {
    const node = this.#nodes.get(directory);
    if (!node) return;
    this.#nodes.delete(directory);
    this.#paths.get(node)?.delete(directory);
  }

  async close(): Promise<void> {
    this.#nodes.clear();
    this.#paths.clear();
    this.events.removeAllListeners();
  }

  /** The disk says that something happened. */
  notice(folder: DiskNode, name: string, how: 'arrived' | 'written'): void {
    for (const path of this.#paths.get(folder) ?? []) {
      const { delay, overflow } = this.#fate();
      if (this.#queue.length === 0) this.#clock.after(delay, () => this.#tell());
      this.#queue.push([path, overflow ? undefined : name, how]);
    }
  }

  /** The system tells of all that has happened meanwhile, in its order. */
  #tell(): void {
    for (const event of this.#queue.splice(0)) this.events.emit('touched', ...event);
  }
}
