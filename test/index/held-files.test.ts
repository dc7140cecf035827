import { rename, rm } from 'node:fs/promises';
import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { scanLab } from '../support/scan-lab.ts';

test('a scan leaves alone what somebody holds, and has it looked at afterwards', async (t) => {
  const lab = await scanLab(t);
  const { index, clock } = lab;
  await lab.place('held/file', 'content');
  await lab.scan();
  const held = parseRelativePath('held/file');
  const release = await index.hold([held]);
  await rename(lab.path('held/file'), lab.path('.compartidos/elsewhere'));
  await index.rescan();
  t.false(index.get(held)!.deleted);

  await rm(lab.path('held'), { recursive: true });
  await index.rescan();
  t.false(index.get(held)!.deleted);

  release();
  while (!index.get(held)!.deleted) await clock.advance(10);
  t.pass();
});

test('what its holder could not put back is not shared any more, and nobody has deleted it', async (t) => {
  const lab = await scanLab(t);
  const { index } = lab;
  await lab.place('file', 'content');
  await lab.scan();
  const file = parseRelativePath('file');
  const release = await index.hold([file]);
  await rename(lab.path('file'), lab.path('.compartidos/file'));
  index.withdraw(file);
  release();
  await lab.scan();
  t.like(index.get(file), { deleted: true, version: [] });

  await rename(lab.path('.compartidos/file'), lab.path('file'));
  await lab.scan();
  t.false(index.get(file)!.deleted);
});
