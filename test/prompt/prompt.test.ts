import { readFile, stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import test from 'ava';
import type { PeerView } from '../../src/agent-api.ts';
import { Prompt } from '../../src/prompt/prompt.ts';
import { FakeTerminal, prompting } from '../support/prompting.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('it says who and where we are, and who may read', async (t) => {
  const { terminal } = await prompting(t);
  t.regex(terminal.lines[0]!, /this is fake \(ZZZZZZZ\), on port 6000\.$/);
  t.is(terminal.lines[1], 'Sharing /srv/compartidos; what you get appears there, too.');
  t.regex(terminal.lines[2]!, /Access is open/);
  t.is(terminal.lines.at(-1), 'compartidos>');
});

test('find and get by number, in both languages', async (t) => {
  const { terminal, type, api } = await prompting(t, 'es');
  type('buscar docs\r');
  await terminal.shows(/\n2 +12 B .*docs\/with space\.txt\ncompartidos>$/);
  type('bajar 2 de ana\r');
  await terminal.shows(/En espera para descargar: 1\./);
  t.deepEqual(api.calls.at(-1), [
    'get',
    [{ path: 'docs/with space.txt', hash: 'ab'.repeat(32) }],
    { from: 'ana' },
  ]);
  type('get 9\r');
  await terminal.shows(/No existe el resultado «9»/);
  type('peers\r');
  await terminal.shows(/evil␛\[2J\\u\{202e\}␊name +ausente/);
});

test('what was mistyped is answered with what may have been meant', async (t) => {
  const { terminal, type } = await prompting(t, 'es');
  type('fnid x\r');
  await terminal.shows(/No existe la orden fnid\. ¿Quiso decir buscar\?\nEscriba ayuda/);
  type('re\r');
  await terminal.shows(/No existe la orden re\. ¿Quiso decir reanudar, resolver, restaurar, reglas\?\n/);
  type('borrar x\r');
  await terminal.shows(/No existe la orden borrar: lo que usted pone en la carpeta/);
  type('xyzzyxyzzy\r');
  await terminal.shows(/No existe la orden xyzzyxyzzy\.\n/);
  type('"\r');
  await terminal.shows(/compartidos> "\ncompartidos>$/);
  type('bajar nada\r');
  await terminal.shows(/No existe .*«nada».*\ncompartidos>$/);
  t.pass();
});

test('peers and ends of downloads appear without tearing the line being typed', async (t) => {
  const { terminal, type, api, prompt } = await prompting(t);
  type('find re');
  await terminal.shows(/compartidos> find re$/);
  const peer: PeerView = {
    id: 'X',
    name: 'carla\u001b[1m',
    address: '10.0.0.9',
    port: 6000,
    kind: 'native',
    state: 'online',
    files: 0,
  };
  api.events.emit('peer', peer);
  api.events.emit('peer', { ...peer, files: 7 });
  api.events.emit('peer', { ...peer, state: 'offline' });
  prompt.announce('warn', 'Something is wrong.');
  t.deepEqual(terminal.lines.slice(-4), [
    '+ carla␛[1m is here (10.0.0.9:6000)',
    '- carla␛[1m is gone',
    '! Something is wrong.',
    'compartidos> find re',
  ]);
  type('port\r');
  await terminal.shows(/docs\/report\.pdf\ncompartidos>$/);
  t.deepEqual(api.calls.at(-1), ['find', 'report']);
});

test('running downloads have bars, finished ones a line', async (t) => {
  const { terminal, api, clock } = await prompting(t);
  await api.get([{ path: 'docs/report.pdf' }]);
  api.move('d1', 'transferring', { bytes: 617_283, rate: 5e6, eta: 7 });
  await clock.advance(100);
  t.regex(terminal.lines.at(-2)!, /^docs\/report\.pdf +█{9}░{11} +49 % +5\.0 MB\/s +0:07$/);
  t.is(terminal.lines.at(-1), 'compartidos>');
  api.move('d1', 'done', { bytes: 1_234_567 });
  await clock.advance(100);
  t.deepEqual(terminal.lines.slice(-2), ['✓ docs/report.pdf', 'compartidos>']);
});

test('what is in the trash or the queue is called by its name, with spaces or without', async (t) => {
  const { terminal, api, type } = await prompting(t);
  const place = {
    path: 'old plan.txt',
    size: 1,
    time: '2026-11-20T10:00:00.000Z',
    reason: 'deleted',
  } as const;
  api.trash = async () => [
    { ...place, id: 't2' },
    { ...place, id: 't1' },
  ];
  const restored: string[] = [];
  api.restore = async (id) => (restored.push(id), 'old plan.txt');
  const lines = ['restore old plan.txt', 'restore "old plan.txt"', 'restore t1', 'restore 2'];
  for (const [at, line] of lines.entries()) {
    type(`${line}\r`);
    await terminal.shows(new RegExp(`(old plan\\.txt is back\\.\n[^]*){${at + 1}}compartidos>$`));
  }
  t.deepEqual(restored, ['t2', 't2', 't1', 't1']);
  await api.get([{ path: 'docs/report.pdf' }]);
  api.downloads.set('d1', { ...api.downloads.get('d1')!, path: 'old plan.txt' });
  type('cancel old plan.txt\r');
  await terminal.shows(/Cancelled: 1\.\n(.*\n)*compartidos>$/);
});

test('what the log says many times in a moment is said once', async (t) => {
  const { terminal, prompt, clock } = await prompting(t);
  const count = () => terminal.lines.filter((line) => line.includes('was read again')).length;
  prompt.announce('warn', 'The configuration was read again.');
  prompt.announce('warn', 'The configuration was read again.');
  t.is(count(), 1);
  await clock.advance(3000);
  prompt.announce('warn', 'The configuration was read again.');
  t.is(count(), 2);
});

test('Ctrl-C cancels the line, twice quits', async (t) => {
  const { terminal, type, prompt, api } = await prompting(t);
  type('find x');
  await terminal.shows(/> find x$/);
  type('\u0003');
  await terminal.shows(/> find x\^C\n.*once more.*\ncompartidos>$/);
  type('peers\r');
  await terminal.shows(/> peers\n/);
  type('\u0003');
  type('\u0003');
  await prompt.finished;
  t.false(api.calls.some(([method]) => method === 'find'));
});

test('a second Ctrl-C that comes late, or after something else, is a first one', async (t) => {
  const { terminal, type, prompt, clock } = await prompting(t);
  let hasFinished = false;
  void prompt.finished.then(() => (hasFinished = true));
  const hints = (count: number) => terminal.shows(new RegExp(`(once more[^]*){${count}}compartidos>$`));
  type('\u0003');
  await hints(1);
  await clock.advance(3000);
  type('\u0003');
  await hints(2);
  type('x');
  await terminal.shows(/> x$/);
  type('\u0003');
  await hints(3);
  t.false(hasFinished);
  await clock.advance(1900);
  type('\u0003');
  await prompt.finished;
  t.true(hasFinished);
});

test('Ctrl-D and quit end it', async (t) => {
  for (const keys of ['\u0004', 'quit\r', 'salir\r']) {
    const { type, prompt } = await prompting(t);
    type(keys);
    await prompt.finished;
  }
  t.pass();
});

test('lines are remembered between runs, in a file of the user’s own', async (t) => {
  const { terminal, type, prompt, historyFile, api } = await prompting(t);
  type('find one\r');
  await terminal.shows(/> find one\n/);
  type('find two\r');
  await terminal.shows(/> find two\n/);
  await prompt.stop();
  t.is(await readFile(historyFile, 'utf8'), 'find one\nfind two\n');
  t.is((await stat(historyFile)).mode & 0o777, 0o600);

  const input = new PassThrough();
  const again = new FakeTerminal(100, 30);
  const next = new Prompt({
    api,
    input: input as unknown as NodeJS.ReadStream,
    output: again as unknown as NodeJS.WriteStream,
    language: 'en',
    historyFile,
    clock: new FakeClock(),
  });
  await next.start();
  input.write('\u001b[A');
  await again.shows(/> find two$/);
  input.write('\u001b[A');
  await again.shows(/> find one$/);
  await next.stop();
});

test('a stopped prompt listens to nothing any more', async (t) => {
  const { prompt, api, input, terminal } = await prompting(t);
  await prompt.stop();
  const lines = terminal.lines.length;
  const [peer] = await api.peers();
  api.events.emit('peer', { ...peer!, name: 'nobody hears of', state: 'offline' });
  t.is(terminal.lines.length, lines);
  t.is(input.listenerCount('keypress'), 0);
});

test('what has ended is neither paused nor cancelled, and that is said', async (t) => {
  const { api, terminal, type } = await prompting(t);
  type('get *.pdf\r');
  await terminal.shows(/Queued for download: 1/);
  type('pause *\r');
  await terminal.shows(/Paused: 1\./);
  api.move('d1', 'done');
  type('pause *\r');
  await terminal.shows(/There is nothing to pause/);
  type('cancel docs/report.pdf\r');
  await terminal.shows(/There is nothing to cancel/);
  t.is(api.downloads.get('d1')?.state, 'done');
});

/** An answer that comes when it is said to. */
function lateAnswer() {
  let answer = () => {};
  const answering = new Promise<never[]>((resolve) => (answer = () => resolve([])));
  return { answer, answering };
}

test('as long as something is looked for, a line says so', async (t) => {
  const { type, terminal, api } = await prompting(t);
  const { answer, answering } = lateAnswer();
  api.find = () => answering;
  type('find docs\r');
  await terminal.shows(/> find docs\nLooking…\ncompartidos>$/);
  answer();
  await terminal.shows(/> find docs\nNo files\.\ncompartidos>$/);
  t.pass();
});

test('what is answered after the prompt has ended is not shown', async (t) => {
  const { type, terminal, api, prompt } = await prompting(t);
  const { answer, answering } = lateAnswer();
  api.get = () => answering;
  type('get docs\r');
  await terminal.shows(/> get docs\nLooking…\ncompartidos>$/);
  await prompt.stop();
  t.is(terminal.lines.at(-1), 'compartidos> get docs');
  const { writes } = terminal;
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  t.is(terminal.writes, writes);
});

test('what was asked for is counted before the agent has told of each', async (t) => {
  const { type, terminal, clock } = await prompting(t);
  type('get many/*\r');
  await terminal.shows(/Queued for download: 30/);
  await clock.advance(100);
  t.is(terminal.lines.at(-2), '0 of 30 files, 0 B of 30.0 kB, 0 %, 0 B/s');
});
