import type { RuleSettings } from '../../src/config/settings.ts';

let rules = 0;

/** A rule as `config.yaml` says it: what is not given has its default. */
export function ruleSettings(fields: Partial<RuleSettings> = {}): RuleSettings {
  rules += 1;
  return {
    id: `rule-${rules}`,
    match: ['**'],
    from: [],
    maxSize: undefined,
    into: undefined,
    mode: 'fetch',
    priority: 0,
    ...fields,
  };
}
