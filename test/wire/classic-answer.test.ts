import test from 'ava';
import fc from 'fast-check';
import type { RelativePath } from '../../src/model/relative-path.ts';
import { parseDownloadAnswer, parseSearchAnswer } from '../../src/wire/classic/answer.ts';
import { formatListingLine } from '../../src/wire/classic/listing.ts';
import { arbitraryPath } from '../support/arbitrary-messages.ts';

test('clause 7.5: the answers to BUSCAR', (t) => {
  const expected: Readonly<Record<string, ReturnType<typeof parseSearchAnswer>>> = {
    '': 'incomplete',
    S: 'incomplete',
    N: 'incomplete',
    SI: 'found',
    NO: 'not-found',
  };
  for (const [bytes, answer] of Object.entries(expected)) t.is(parseSearchAnswer(Buffer.from(bytes)), answer);
  for (const bytes of ['SIx', 'NOFILE', 'si', 'X']) t.is(parseSearchAnswer(Buffer.from(bytes)), 'invalid');
});

test('clause 7.6: OK may come in pieces or together with the content', (t) => {
  const content = (first: string) => ({ type: 'content' as const, first: Buffer.from(first) });
  t.deepEqual(parseDownloadAnswer(Buffer.from('O')), { type: 'incomplete' });
  t.deepEqual(parseDownloadAnswer(Buffer.from('OK')), content(''));
  t.deepEqual(parseDownloadAnswer(Buffer.from('OKOK')), content('OK'));
  t.deepEqual(parseDownloadAnswer(Buffer.from('OKNOFILE')), content('NOFILE'));
  t.deepEqual(parseDownloadAnswer(Buffer.from('NOFIL')), { type: 'incomplete' });
  t.deepEqual(parseDownloadAnswer(Buffer.from('NOFILE')), { type: 'no-file' });
  t.deepEqual(parseDownloadAnswer(Buffer.from('NOFILES')), { type: 'invalid' });
  t.deepEqual(parseDownloadAnswer(Buffer.from('NO')), { type: 'incomplete' });
  t.deepEqual(parseDownloadAnswer(Buffer.from('<html>')), { type: 'invalid' });
});

test('whatever a server answers, more of it never changes what was understood', (t) => {
  const answer = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .tuple(fc.constantFrom('OK', 'NOFILE', 'SI', 'NO', 'O', 'NOF'), fc.uint8Array({ maxLength: 9 }))
      .map(([text, more]) => Buffer.concat([Buffer.from(text), more])),
  );
  fc.assert(
    fc.property(answer, fc.nat(), (bytes, where) => {
      const beginning = bytes.subarray(0, where % (bytes.length + 1));
      const before = parseDownloadAnswer(beginning);
      const after = parseDownloadAnswer(bytes);
      if (before.type === 'content') t.is(after.type, 'content');
      if (before.type === 'invalid') t.is(after.type, 'invalid');
      if (after.type === 'content') t.deepEqual(Buffer.from(after.first), Buffer.from(bytes.subarray(2)));
      if (parseSearchAnswer(beginning) === 'invalid') t.is(parseSearchAnswer(bytes), 'invalid');
    }),
    { numRuns: 20_000 },
  );
});

test('clause 7.7: a line has four columns whatever the name holds', (t) => {
  const line = formatListingLine({
    path: 'a\tb\nc\rd\u001be\u0085.txt' as RelativePath,
    size: 12,
    mtimeUs: 1_795_442_400_123_456,
    sha256: 'ab'.repeat(32),
  });
  t.is(line, `12\t2026-11-23T14:00:00.123Z\t${'ab'.repeat(32)}\ta\\tb\\nc\\rd\\u001be\\u0085.txt\n`);
  fc.assert(
    fc.property(arbitraryPath, fc.maxSafeInteger(), (path, mtimeUs) => {
      const text = formatListingLine({ path, size: 0, mtimeUs, sha256: '' });
      t.is(text.indexOf('\n'), text.length - 1);
      const columns = text.slice(0, -1).split('\t');
      t.is(columns.length, 4);
      const name = columns[3]!.replace(
        /\\(u[0-9a-f]{4}|[tnr])/g,
        (escape) => JSON.parse(`"${escape}"`) as string,
      );
      t.is(name, path);
    }),
    { numRuns: 2000 },
  );
});
