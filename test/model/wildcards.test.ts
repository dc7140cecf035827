import test from 'ava';
import fc from 'fast-check';
import { matchesWildcards } from '../../src/model/wildcards.ts';

/** Whether `parts`, of which `*` is wild, cover `text`; and how many steps that takes. */
function count(parts: readonly string[], text: string): { matches: boolean; steps: number } {
  let steps = 0;
  const matches = matchesWildcards(parts, '*', text.length, (part, at) => {
    steps += 1;
    return part === '*' || part === text[at] ? at + 1 : -1;
  });
  return { matches, steps };
}

/** The definition, word for word. */
function covers(parts: readonly string[], text: string): boolean {
  const [part, ...others] = parts;
  if (part === undefined) return text === '';
  if (part !== '*') return text.startsWith(part) && covers(others, text.slice(1));
  return Array.from({ length: text.length + 1 }, (_, at) => text.slice(at)).some((rest) =>
    covers(others, rest),
  );
}

const parts = fc.array(fc.constantFrom('*', 'a', 'b'), { maxLength: 8 });
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });

test('it is what the definition says', (t) => {
  fc.assert(
    fc.property(parts, text, (pattern, given) => {
      t.is(count(pattern, given).matches, covers(pattern, given), `${pattern.join('')} and ${given}`);
    }),
    { numRuns: 10_000 },
  );
});

test('no pattern takes more steps than twice its length times that of the text', (t) => {
  for (const [pattern, given] of [
    [[...'*a'.repeat(200), 'b'], 'a'.repeat(2000)],
    [['*', ...'a'.repeat(500), 'b'], 'a'.repeat(2000)],
    [[...'*aaaaaaaab'.repeat(20)], 'a'.repeat(2000)],
  ] as const) {
    const { matches, steps } = count(pattern, given);
    t.false(matches);
    t.true(steps <= 2 * (pattern.length + 1) * given.length, `${steps}`);
  }
  fc.assert(
    fc.property(parts, text, (pattern, given) => {
      t.true(count(pattern, given).steps <= 2 * (pattern.length + 1) * given.length);
    }),
  );
});
