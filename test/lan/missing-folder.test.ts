import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import { labTest } from '../support/lab-test.ts';

labTest('what is only in the index is not called present while the shared folder is missing', async (t) => {
  const lab = await AgentLab.create(t, ['ana']);
  const before = await lab.start('ana');
  await writeFile(before.shared('notes.txt'), 'notes');
  await before.until(async () => (await before.api.list('notes.txt'))[0]?.hash ?? undefined, 'the file');
  t.deepEqual(await before.api.get([{ path: 'notes.txt' }]), []);
  await before.stop();

  await rename(before.shared(), `${before.shared()} elsewhere`);
  const ana = await lab.start('ana');
  await t.throwsAsync(ana.api.get([{ path: 'notes.txt' }]), { code: 'FOLDER_MISSING' });
  await rename(`${ana.shared()} elsewhere`, ana.shared());
  await ana.until(async () => (await ana.api.status()).problems.length === 0 || undefined, 'the folder');
  t.deepEqual(await ana.api.get([{ path: 'notes.txt' }]), []);
});

labTest('an agent whose folder was never there and cannot be used says why, and ends', async (t) => {
  const lab = await AgentLab.create(t, ['ana']);
  await mkdir(lab.home('ana'));
  await writeFile(join(lab.home('ana'), 'file'), 'a file');
  const ana = await lab.launch('ana', 'folder: file');
  t.is(await ana.exited, 1);
  t.regex(ana.stderr, /The shared folder .*file is missing or cannot be used: it is not a folder\./);
});

labTest('a folder that is named and cannot be used costs nothing of the index', async (t) => {
  const lab = await AgentLab.create(t, ['ana']);
  const before = await lab.start('ana');
  await writeFile(before.shared('notes.txt'), 'notes');
  await before.until(async () => (await before.api.list('notes.txt'))[0]?.hash ?? undefined, 'the file');
  await before.stop();
  await writeFile(join(lab.home('ana'), 'file'), 'a file');
  t.is(await (await lab.launch('ana', 'folder: file')).exited, 1);
  const ana = await lab.start('ana');
  await ana.until(async () => (await ana.api.status()).ready || undefined, 'the first scan');
  const log = await readFile(join(ana.home, '.compartidos', 'log', 'agent.log'), 'utf8');
  t.notRegex(log, /index\.begun-anew/);
});

labTest('another folder that is named is made and shared instead', async (t) => {
  const lab = await AgentLab.create(t, ['ana']);
  const before = await lab.start('ana');
  await writeFile(before.shared('notes.txt'), 'notes');
  await before.until(async () => (await before.api.list('notes.txt'))[0]?.hash ?? undefined, 'the file');
  await before.stop();
  const ana = await lab.start('ana', 'folder: another/one');
  await ana.until(async () => (await ana.api.status()).ready || undefined, 'the first scan');
  t.deepEqual((await ana.api.status()).problems, []);
  t.deepEqual(await ana.api.list(''), []);
  t.deepEqual(await readdir(join(lab.home('ana'), 'another', 'one')), ['.compartidos']);
});
