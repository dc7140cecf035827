import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import { labTest } from '../support/lab-test.ts';
import { sameBytes } from '../support/real-files.ts';
import { seededBytes } from '../support/seeded-bytes.ts';
import { SmallDisk } from '../support/small-disk.ts';

const MIB = 1024 * 1024;

labTest(
  'what lies on another disk inside the shared folder is offered, and what would go there says so',
  async (t) => {
    const lab = await AgentLab.create(t, ['ana', 'luis']);
    const ana = await lab.start('ana');
    await mkdir(ana.shared('usb'));
    for (const [name, size] of [
      ['usb/small', 1000],
      ['usb/large', 3 * MIB],
      ['plain', 1000],
    ] as const) {
      await writeFile(ana.shared(name), seededBytes(name, size));
    }
    await SmallDisk.mount(t, join(lab.home('luis'), 'compartidos', 'usb'), 16 * MIB);
    await writeFile(join(lab.home('luis'), 'compartidos', 'usb', 'mine'), seededBytes('mine', MIB));
    const luis = await lab.start('luis');
    await luis.until(
      async () => (await luis.api.find('{plain,usb/*}')).length === 4 || undefined,
      'all files',
    );
    await luis.api.get([{ path: 'usb/small' }, { path: 'usb/large' }, { path: 'plain' }]);
    const ended = await luis.until(async () => {
      const queue = await luis.api.queue();
      return queue.every(({ state }) => state === 'done' || state === 'failed') ? queue : undefined;
    }, 'the downloads');
    t.deepEqual(ended.map(({ path, state, error }) => [path, state, error?.code]).sort(), [
      ['plain', 'done', undefined],
      ['usb/large', 'failed', 'OTHER_DISK'],
      ['usb/small', 'failed', 'OTHER_DISK'],
    ]);
    t.deepEqual(await readdir(luis.shared('usb')), ['mine']);
    await ana.api.get([{ path: 'usb/mine' }]);
    await ana.until(
      async () => (await ana.api.queue()).some(({ state }) => state === 'done') || undefined,
      'usb/mine',
    );
    t.true(await sameBytes(ana.shared('usb/mine'), luis.shared('usb/mine')));
  },
);
