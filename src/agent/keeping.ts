import type { AgentApi, CheckView, ConflictView, RuleTestView, TrashView } from '../agent-api.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FolderIndex } from '../index/folder-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Conflicts } from '../transfer/conflicts.ts';
import type { RuleRunner } from '../transfer/rule-runner.ts';
import type { Trash } from '../transfer/trash.ts';

export interface KeepingParts {
  readonly index: FolderIndex;
  readonly catalogue: Pick<Catalogue, 'nameOf' | 'peers'>;
  readonly self: DeviceId;
  /** What we call ourselves. */
  readonly name: () => string;
  readonly trash: Trash;
  readonly conflicts: Conflicts;
  readonly rules: RuleRunner;
}

/** What faces may ask of what we keep: conflicts, trash, rules and check. */
export type KeepingApi = Pick<
  AgentApi,
  'conflicts' | 'resolve' | 'trash' | 'restore' | 'check' | 'testRules'
>;

/** Answers it. */
export class Keeping implements KeepingApi {
  readonly #parts: KeepingParts;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
  }

  async conflicts(): Promise<ConflictView[]> {
    const { conflicts, catalogue, self, name } = this.#parts;
    const devices = [{ device: self, name: name() }, ...catalogue.peers()];
    return conflicts.list().map(({ path, copy, device, time }) => {
      const known = devices.find((one) => one.device.startsWith(device));
      return { path, copy, device: known?.name ?? device, time: new Date(time).toISOString() };
    });
  }

  resolve(path: string, keep: 'ours' | 'theirs'): Promise<string> {
    return this.#parts.conflicts.resolve(path, keep);
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
    return this.#parts.index.contents.all();
  }

  async testRules(): Promise<RuleTestView[]> {
    const { rules, catalogue } = this.#parts;
    const tests = await rules.test();
    return tests.map(({ from, ...test }) => {
      return { ...test, from: from === undefined ? null : catalogue.nameOf(from) };
    });
  }
}
