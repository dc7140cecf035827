import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Rule } from '../sync/rule.ts';
import type { RuleEvaluator } from './rule-evaluator.ts';

export interface RulePathParts {
  readonly catalogue: Pick<Catalogue, 'entries' | 'deletions'>;
  /** All our entries, tombstones included, in no particular order. */
  readonly ownEntries: () => Iterable<Pick<FileEntry, 'path' | 'deleted' | 'type'>>;
  readonly evaluator: Pick<RuleEvaluator, 'rules' | 'concerns' | 'sourcesOf'>;
}

/** What there is that rules are about: at the peers, and here. */
export class RulePaths {
  readonly #parts: RulePathParts;

  constructor(parts: RulePathParts) {
    this.#parts = parts;
  }

  /** All that rules may have to do with, as peers call it; the same path may come more than once. */
  *all(): Generator<RelativePath> {
    const { evaluator, ownEntries } = this.#parts;
    yield* this.at();
    if (evaluator.rules.length === 0) return;
    // Catalogues do not list what was deleted, and only what is here can be deleted here.
    for (const { path, deleted } of ownEntries()) {
      if (!deleted) yield* evaluator.sourcesOf(path);
    }
  }

  /** What a peer has, or all of them. */
  *at(device?: DeviceId): Generator<RelativePath> {
    const { evaluator, catalogue } = this.#parts;
    if (evaluator.rules.length === 0) return;
    for (const { entry } of catalogue.entries(device)) {
      if (evaluator.concerns(entry.path)) yield entry.path;
    }
  }

  /** What a peer has deleted. */
  *deletedAt(device: DeviceId): Generator<RelativePath> {
    const { evaluator, catalogue } = this.#parts;
    if (evaluator.rules.length === 0) return;
    for (const path of catalogue.deletions(device)) if (evaluator.concerns(path)) yield path;
  }

  /** How many files of ours, and links, a rule is about. */
  countFiles(rule: Rule): number {
    let count = 0;
    for (const { path, deleted, type } of this.#parts.ownEntries()) {
      if (!deleted && type !== 'directory' && rule.covers(path)) count += 1;
    }
    return count;
  }
}
