import test from 'ava';
import { scanLab } from '../support/scan-lab.ts';

test('files count as being read from the scan that finds them until they are indexed', async (t) => {
  const { index, hasher, ...lab } = await scanLab(t);
  for (const name of ['a', 'b']) await lab.place(name, name);
  let letGo = (): void => undefined;
  hasher.held = new Promise<void>((resolve) => (letGo = resolve));
  await index.rescan();
  t.is(index.reading, 2);
  letGo();
  await hasher.idle();
  t.is(index.reading, 0);
});
