import { posix } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { linkProblem } from '../../src/model/link-target.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';

const cases: [path: string, target: string, problem: ReturnType<typeof linkProblem>][] = [
  ['link', 'file', undefined],
  ['link', './a//b/', undefined],
  ['a/b/link', '../../top', undefined],
  ['a/link', '..', undefined],
  ['link', '.', undefined],
  ['link', 'man\u0303ana', undefined],
  ['link', '..', 'link-outside'],
  ['a/link', '../../x', 'link-outside'],
  ['link', '/etc/passwd', 'link-outside'],
  ['link', 'C:\\Windows', 'link-invalid'],
  ['link', 'c:/Windows', 'link-outside'],
  ['a/b/link', 'other-link/../x', 'link-outside'],
  ['link', '.compartidos/marker', 'link-invalid'],
  ['link', '', 'link-invalid'],
  ['link', 'a\0b', 'link-invalid'],
  ['link', 'a\\b', 'link-invalid'],
  ['link', 'a'.repeat(5000), 'link-invalid'],
];

for (const [path, target, problem] of cases) {
  test(`${path} -> ${JSON.stringify(target.slice(0, 30))}: ${problem ?? 'stays inside'}`, (t) => {
    t.is(linkProblem(parseRelativePath(path), target), problem);
  });
}

test('a target that is accepted stays inside, whatever it is made of', (t) => {
  const segment = fc.constantFrom('..', '.', '', 'a', 'b', '.compartidos', '...', ' ');
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(path, fc.array(segment, { maxLength: 8 }), (names, segments) => {
      const target = segments.join('/');
      if (linkProblem(parseRelativePath(names.join('/')), target) !== undefined) return;
      const reached = posix.resolve('/root', posix.dirname(names.join('/')), target);
      t.true(reached === '/root' || reached.startsWith('/root/'), `${names.join('/')} -> ${target}`);
      t.false(reached.startsWith('/root/.compartidos'));
    }),
    { numRuns: 10_000 },
  );
});
