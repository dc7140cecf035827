import type { DeviceId } from '../model/device-id.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Proposal } from '../sync/plan.ts';
import type { Reason } from '../sync/settle.ts';

/** What a rule would do about one path now. */
export interface RuleTest {
  /** Its patterns. */
  readonly rule: string;
  /** Where it would be here. */
  readonly path: RelativePath;
  readonly action: 'fetch' | 'replace' | 'delete' | 'rename' | 'conflict' | 'none';
  /** A key of `language/`. */
  readonly why: string;
  readonly from: DeviceId | undefined;
}

/** What keeps something from being done: what of ours is in the way, or that its download has ended. */
export type Obstacle = Reason | 'failed' | 'cancelled';

/** Undefined when everything is as the rule wants it. `obstacle` is what keeps it from being done now. */
export function describeProposal(
  { rule, target, decision }: Proposal,
  isRenaming: boolean,
  isStopped: boolean,
  obstacle: Obstacle | undefined,
): RuleTest | undefined {
  const about = { rule: rule.settings.match.join(', '), path: target };
  if (decision.type === 'none') {
    if (decision.why === 'same') return undefined;
    return { ...about, action: 'none', why: `why.${decision.why}`, from: undefined };
  }
  const from = 'from' in decision ? decision.from : decision.sources[0];
  if (isStopped) return { ...about, action: 'none', why: 'why.rule-stopped', from };
  if (obstacle) return { ...about, action: 'none', why: `why.${obstacle}`, from };
  switch (decision.type) {
    case 'adopt':
      return { ...about, action: 'none', why: 'why.metadata', from };
    case 'delete':
      return { ...about, action: 'delete', why: 'why.deleted', from };
    case 'conflict': {
      const isTheirs = decision.target === target;
      return { ...about, action: 'conflict', why: isTheirs ? 'why.theirs-first' : 'why.ours-first', from };
    }
    case 'fetch':
      if (isRenaming) return { ...about, action: 'rename', why: 'why.renamed', from };
      return decision.replaces
        ? { ...about, path: decision.target, action: 'replace', why: 'why.newer', from }
        : { ...about, path: decision.target, action: 'fetch', why: 'why.new', from };
  }
}
