import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CompartidosError, ERROR_CODES, isCompartidosError, systemErrorCode } from '../../src/core/errors.ts';

test('README.md lists the same codes', async (t) => {
  const readme = await readFile(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8');
  const section = /## Errors\n([^]*?)\n## /.exec(readme)![1]!;
  const listed = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]);
  t.deepEqual(listed, [...ERROR_CODES]);
});

test('an error is told by its code, whatever it carries', (t) => {
  const error = new CompartidosError('PORT_IN_USE', { port: 6000 });
  t.true(isCompartidosError(error));
  t.true(isCompartidosError(error, 'PORT_IN_USE'));
  t.false(isCompartidosError(error, 'NO_AGENT'));
  for (const other of [new Error('PORT_IN_USE'), { code: 'PORT_IN_USE' }, undefined, null, 'PORT_IN_USE']) {
    t.false(isCompartidosError(other, 'PORT_IN_USE'));
  }
});

test('the code of a system error is text or nothing', (t) => {
  t.is(systemErrorCode(Object.assign(new Error('no'), { code: 'ENOENT' })), 'ENOENT');
  for (const other of [{ code: 5 }, new Error('no'), undefined, null, 'ENOENT'])
    t.is(systemErrorCode(other), undefined);
});
