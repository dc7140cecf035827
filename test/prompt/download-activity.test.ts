import test from 'ava';
import type { DownloadView } from '../../src/agent-api.ts';
import { DownloadActivity } from '../../src/prompt/download-activity.ts';
import { Screen } from '../../src/prompt/screen.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { TerminalEmulator } from '../support/terminal-emulator.ts';

function watching() {
  const clock = new FakeClock();
  const terminal = new TerminalEmulator(100, 30);
  const activity = new DownloadActivity({ language: 'en', screen: new Screen(terminal), clock });
  return { clock, terminal, activity };
}

function download(
  id: number,
  state: DownloadView['state'],
  change: Partial<DownloadView> = {},
): DownloadView {
  const path = `file ${id}`;
  const size = 60_000;
  return {
    ...{ id: `d${id}`, path, target: path, state, bytes: state === 'done' ? size : 0, size },
    ...{ rate: 0, eta: null, from: ['ana'], reason: 'person', error: null, ...change },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

test('of many files it is shown how many of how many are here, and in the end once what has come', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const id of numbers(5000)) activity.note(download(id, 'queued'));
  await clock.advance(2000);
  for (const id of numbers(400)) activity.note(download(id, 'done'));
  for (const id of numbers(500).slice(400)) activity.note(download(id, 'connecting'));
  await clock.advance(100);
  t.is(terminal.lines.length, 6);
  t.regex(terminal.lines[4]!, /^file 404 .*connecting$/);
  t.is(terminal.lines[5], '400 of 5,000 files, 24.0 MB of 300 MB, 8 %, 11.4 MB/s, 0:25');
  await clock.advance(9900);
  for (const id of numbers(5000).slice(400)) activity.note(download(id, 'done'));
  await clock.advance(1000);
  t.deepEqual(terminal.lines, ['✓ 5,000 files, 300 MB in 12 s']);
});

test('a few files have a line each, and others that begin after a pause are counted anew', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const round of numbers(2)) {
    for (const id of numbers(20)) activity.note(download(20 * round + id, 'done'));
    await clock.advance(1000);
  }
  t.deepEqual(
    terminal.lines,
    numbers(40).map((id) => `✓ file ${id}`),
  );
  t.is(clock.pending, 0);
});

test('of many the failures are said one by one, up to a number, and counted', async (t) => {
  const { clock, terminal, activity } = watching();
  const error = { code: 'SOURCE_CHANGED', params: { path: 'x' } } as const;
  for (const id of numbers(30)) activity.note(download(id, 'queued'));
  for (const id of numbers(25)) activity.note(download(id, 'failed', { error }));
  for (const id of [25, 26, 27]) activity.note(download(id, 'done'));
  // The end of one that was at work is told again when it has let go of its files.
  for (const id of [28, 29, 29]) activity.note(download(id, 'cancelled'));
  await clock.advance(1000);
  t.is(terminal.lines.length, 21);
  t.regex(terminal.lines[19]!, /^✗ file 19: /);
  t.is(terminal.lines[20], '✗ 3 files, 180 kB in 0.0 s; failed: 25; cancelled: 2');
});

test('when all of many were cancelled nothing is said of files', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const id of numbers(30)) activity.note(download(id, 'queued'));
  for (const id of numbers(30)) activity.note(download(id, 'cancelled'));
  await clock.advance(1000);
  t.deepEqual(terminal.lines, []);
});

test('what is held up does not keep the others from being summed up', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const id of numbers(30)) activity.note(download(id, 'queued'));
  for (const id of numbers(25)) activity.note(download(id, 'done'));
  for (const id of numbers(30).slice(25)) activity.note(download(id, 'paused'));
  await clock.advance(1000);
  t.deepEqual(terminal.lines, ['✓ 25 files, 1.5 MB in 0.0 s']);
  for (const id of numbers(30).slice(25)) activity.note(download(id, 'done'));
  await clock.advance(1000);
  t.is(terminal.lines.length, 6);
});

test('of very many downloads few bars are drawn, and what is being transferred before others', async (t) => {
  const { clock, terminal, activity } = watching();
  let drawn = 0;
  for (const id of numbers(1000)) {
    const each = download(id, 'connecting');
    Object.defineProperty(each, 'path', { get: () => ((drawn += 1), `file ${id}`) });
    activity.note(each);
  }
  activity.note(download(1000, 'transferring', { bytes: 30_000, rate: 5e6 }));
  await clock.advance(100);
  t.regex(terminal.lines[0]!, /^file 1000 .* 50 % /);
  t.regex(terminal.lines[1]!, /^file 0 .*connecting/);
  t.is(terminal.lines.length, 6);
  t.true(drawn < 10, `${drawn} were drawn`);
});

const error = { code: 'NO_SOURCE', params: { path: 'file 1' } } as const;
const SOURCELESS = '… file 1: No device that is online has file 1. It will be tried again when one appears.';

test('when its source leaves, it is said once for what a download waits', async (t) => {
  const { clock, terminal, activity } = watching();
  activity.note(download(1, 'transferring', { bytes: 100 }));
  await clock.advance(100);
  t.is(terminal.lines.length, 1);
  for (let search = 0; search < 3; search += 1) {
    activity.note(download(1, 'queued', { error }));
    await clock.advance(30_000);
    // It looks for a source again.
    activity.note(download(1, 'connecting', { error }));
    await clock.advance(100);
    t.deepEqual(terminal.lines, [SOURCELESS]);
  }
  activity.note(download(1, 'transferring', { bytes: 200 }));
  activity.note(download(1, 'queued', { error }));
  await clock.advance(2000);
  t.deepEqual(terminal.lines, [SOURCELESS, SOURCELESS]);
});

test('who asks again for what nobody has is told again', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const round of [1, 2]) {
    activity.noteAsked([download(1, 'queued', { error })]);
    await clock.advance(2000);
    t.is(terminal.lines.length, round);
  }
});

test('of many that nobody has it is said how many, when no more come', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const id of numbers(3)) {
    activity.note(download(id, 'queued', { error }));
    await clock.advance(1000);
  }
  // Its source is back already, and this one is paused.
  activity.note(download(0, 'connecting'));
  activity.note(download(3, 'queued', { error }));
  activity.note(download(3, 'paused'));
  await clock.advance(3000);
  t.is(
    terminal.lines[0],
    '… 2 files wait: no device that is online has them. It will be tried again when one appears.',
  );
});

test('when the source of many leaves, what has come is said before what has not', async (t) => {
  const { clock, terminal, activity } = watching();
  for (const id of numbers(50)) activity.note(download(id, 'queued'));
  for (const id of numbers(29)) activity.note(download(id, 'done'));
  for (const id of numbers(50).slice(30)) activity.note(download(id, 'queued', { error }));
  // After many, the agent tells of the next only a second later.
  await clock.advance(1000);
  activity.note(download(29, 'done'));
  await clock.advance(1000);
  t.is(terminal.lines.length, 2);
  t.is(terminal.lines[0], '✓ 30 files, 1.8 MB in 1.0 s');
  t.regex(terminal.lines[1]!, /^… 20 files wait/);
});

test('what was stopped says nothing any more', async (t) => {
  const { clock, terminal, activity } = watching();
  activity.note(download(1, 'transferring'));
  await clock.advance(100);
  activity.note(download(1, 'done'));
  activity.note(download(2, 'queued', { error }));
  activity.stop();
  t.deepEqual(terminal.lines, []);
  t.is(clock.pending, 0);
});
