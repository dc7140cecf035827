import test from 'ava';
import { caseFold, hasCaseTwin, nameProblem } from '../../src/model/portable-name.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';

const at = parseRelativePath;

const reserved = [
  'CON',
  'con.txt',
  'a/nul',
  'Aux.tar.gz',
  'COM1',
  'lpt9.x',
  'COM\u00b2',
  'conin$',
  'prn .txt',
  'compar~1/identity',
  'x/CO3B2F~1',
];
const forbidden = [
  'a:b',
  'what?',
  'a*b',
  'x<y',
  'x>y',
  'p|q',
  'say "hi"',
  'tab\there',
  'line\nbreak',
  'a:b/c',
];
const trailing = ['dot.', 'space ', 'a./b', 'a /b', '...'];
const fine = [
  'compar~1.txt',
  'co3b2g~1',
  'console',
  'a.con',
  'com',
  'COM10',
  'nullable.txt',
  'a.b.c',
  '.hidden',
  'ma\u00f1ana',
  'a b',
];

test('Windows cannot hold names of devices, some characters, and dots or spaces at the end', (t) => {
  for (const path of reserved) t.is(nameProblem(at(path), 'win32'), 'reserved', path);
  for (const path of forbidden) t.is(nameProblem(at(path), 'win32'), 'forbidden-character', path);
  for (const path of trailing) t.is(nameProblem(at(path), 'win32'), 'trailing-dot-or-space', path);
  for (const path of fine) t.is(nameProblem(at(path), 'win32'), undefined, path);
});

test('others can', (t) => {
  for (const path of [...reserved, ...forbidden, ...trailing, ...fine]) {
    t.is(nameProblem(at(path), 'linux'), undefined);
    t.is(nameProblem(at(path), 'darwin'), undefined);
  }
});

test('spellings that differ in case only are one', (t) => {
  t.is(caseFold(at('A/\u00d1.TXT')), caseFold(at('a/\u00f1.txt')));
  t.not(caseFold(at('a')), caseFold(at('b')));
  t.true(hasCaseTwin(at('sub/Name'), ['other', 'name']));
  t.false(hasCaseTwin(at('sub/Name'), ['Name', 'name']));
  t.false(hasCaseTwin(at('Name'), ['names']));
});
