import test from 'ava';
import type { DownloadView } from '../../src/agent-api.ts';
import { DownloadTotals } from '../../src/views/download-totals.ts';
import { FakeClock } from '../support/fake-clock.ts';

const download: DownloadView = {
  ...{ id: 'd1', path: 'a', target: 'a', state: 'transferring', bytes: 0, size: 10_000 },
  ...{ rate: 0, eta: null, from: ['ana'], reason: 'person', error: null },
};

test('the speed is that of the last seconds, of small files as well', async (t) => {
  const clock = new FakeClock();
  const totals = new DownloadTotals(clock);
  totals.note({ ...download, size: 1_000_000 });
  for (let second = 0; second < 10; second += 1) {
    await clock.advance(1000);
    totals.note({ ...download, id: `small ${second}`, state: 'done' });
    totals.progressLine('en');
  }
  t.is(totals.progressLine('en'), '10 of 11 files, 100 kB of 1.1 MB, 9 %, 10.0 kB/s, 1:40');
  await clock.advance(5000);
  t.is(totals.progressLine('es'), '10 de 11 archivos, 100 kB de 1,1 MB, 9 %, 0 B/s');
});

test('what was here before counts as here, but not as fast', async (t) => {
  const clock = new FakeClock();
  const totals = new DownloadTotals(clock);
  totals.note({ ...download, bytes: 5000 });
  await clock.advance(1000);
  totals.note({ ...download, bytes: 6000 });
  t.is(totals.progressLine('en'), '0 of 1 file, 6.0 kB of 10.0 kB, 60 %, 1.0 kB/s, 0:04');
});

test('what has failed or left counts for no bytes', (t) => {
  const totals = new DownloadTotals(new FakeClock());
  for (const id of ['a', 'b', 'c']) totals.note({ ...download, id, bytes: 5000 });
  totals.note({ ...download, id: 'a', state: 'failed', bytes: 5000 });
  totals.leave('b');
  t.is(totals.progressLine('en'), '1 of 2 files, 5.0 kB of 10.0 kB, 50 %');
});

test('how long it took is said as a person would', async (t) => {
  const clock = new FakeClock();
  const totals = new DownloadTotals(clock);
  for (const [ms, said] of [
    [3210, '3,2 s'],
    [8740, '12 s'],
    [48_050, '1:00'],
  ] as const) {
    await clock.advance(ms);
    totals.note({ ...download, state: 'done' });
    t.true(totals.summary('es').endsWith(` en ${said}`), totals.summary('es'));
  }
});
