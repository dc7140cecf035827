import type { AgentApi, CheckView, TrashView } from '../agent-api.ts';
import type { FolderIndex } from '../index/folder-index.ts';
import type { Trash } from '../transfer/trash.ts';

export interface KeepingParts {
  readonly index: FolderIndex;
  readonly trash: Trash;
}

/** What faces ask of what we keep: trash and check. */
export class Keeping implements Pick<AgentApi, 'trash' | 'restore' | 'check'> {
  readonly #parts: KeepingParts;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
  }

  async trash(): Promise<TrashView[]> {
    const items = await this.#parts.trash.list();
    return items.map(({ id, path, size, time, reason }) => {
      return { id, path, size, time: new Date(time).toISOString(), reason };
    });
  }

  restore(id: string): Promise<string> {
    return this.#parts.trash.restore(id);
  }

  check(): Promise<CheckView> {
    return this.#parts.index.check();
  }
}
