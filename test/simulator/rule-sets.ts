import type { RuleSettings } from '../../src/config/settings.ts';
import type { SeededRandom } from './seeded-random.ts';

type Mode = RuleSettings['mode'];

/** The rules of device `number` in a world of this mode, but for what its user changes for a while. */
export function rulesOf(mode: Mode, number: number): RuleSettings[] {
  if (mode !== 'sync' && number === 0) return [];
  return [rule({ mode, from: mode === 'sync' ? [] : ['device0'] })];
}

/**
 * Rules that somebody tries out where there are `count` devices and all of them are going to follow `mode`. What `into`
 * puts under another name keeps its version, which says nothing of what others have under that name: nothing is promised
 * where all sync afterwards.
 */
export function drawRules(random: SeededRandom, count: number, mode: Mode): RuleSettings[] {
  const folders = mode === 'sync' ? [undefined] : [undefined, undefined, 'd', '{peer}'];
  return Array.from({ length: random.below(3) }, () =>
    rule({
      mode: random.pick(['fetch', 'mirror', 'sync']),
      match: random.pick([['**'], ['**'], ['d/**'], ['**', '!**/*.txt'], ['*', 'f/**']]),
      from: random.chance(0.5) ? [] : [`device${random.below(count)}`],
      into: random.pick(folders),
      maxSize: random.pick([undefined, undefined, 1000]),
      priority: random.below(2),
    }),
  );
}

function rule(given: Pick<RuleSettings, 'mode' | 'from'> & Partial<RuleSettings>): RuleSettings {
  const settings = { match: ['**'], maxSize: undefined, into: undefined, priority: 0, ...given };
  return { ...settings, id: JSON.stringify([settings.match, settings.from, settings.into, settings.mode]) };
}
