import { Writable } from 'node:stream';
import test from 'ava';
import type { CommandContext } from '../../src/commands/command-context.ts';
import { followDownloads } from '../../src/commands/follow-downloads.ts';
import { Output } from '../../src/commands/output.ts';
import { CompartidosError } from '../../src/core/errors.ts';
import { translate } from '../../src/language/translate.ts';
import { FakeAgent } from '../support/fake-agent.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A command that prints to a terminal, or to something else. */
function command(isTerminal: boolean, columns = 80) {
  const printed: string[] = [];
  const stream = Object.assign(
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        printed.push(text);
        done();
      },
    }),
    { isTTY: isTerminal, columns },
  ) as unknown as NodeJS.WriteStream;
  const context = {
    errors: new Output(stream),
    language: 'en',
    json: false,
    configFile: '/config.yaml',
    say: (key, fillings) => translate('en', key, fillings),
  } as Partial<CommandContext> as CommandContext;
  return { context, printed };
}

/** An agent that has been asked for two files and has moved none. */
function following(context: CommandContext) {
  const agent = new FakeAgent();
  const clock = new FakeClock();
  const client = { events: agent.events, closed: new Promise<CompartidosError>(() => {}) };
  const begin = () => agent.get([{ path: 'docs/**' }]);
  return { agent, clock, ended: followDownloads(context, client, begin, { clock }) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what has no size that is known counts for nothing before it is here', async (t) => {
  const { context, printed } = command(true);
  const { agent, clock, ended } = following(context);
  await turn();
  agent.move('d1', 'transferring', { bytes: 5000, size: 5000 });
  t.is(printed.at(-1), '\r\u001b[K0 of 2 files, 0 B of 12 B, 0 %');
  await clock.advance(100);
  agent.move('d2', 'transferring', { bytes: 10, size: 10, rate: 100 });
  t.is(printed.at(-1), '\r\u001b[K0 of 2 files, –, 50.1 kB/s');
  agent.move('d1', 'done');
  await clock.advance(100);
  agent.move('d2', 'transferring', { bytes: 20, size: 20, rate: 100 });
  t.is(printed.at(-1), '\r\u001b[K1 of 2 files, 5.0 kB of 5.0 kB, 100 %, 25.1 kB/s');
  agent.move('d2', 'done');
  await ended;
});

test('a terminal shows how far all of them are, and nothing in the end', async (t) => {
  const { context, printed } = command(true);
  const { agent, clock, ended } = following(context);
  await turn();
  agent.move('d1', 'transferring', { bytes: 617_290, rate: 1000 });
  t.is(printed.at(-1), '\r\u001b[K0 of 2 files, 617 kB of 1.2 MB, 50 %');
  agent.move('d1', 'done', { bytes: 1_234_567 });
  t.is(printed[0], '\r\u001b[KLooking…');
  t.is(printed.length, 2, 'not at each step');
  await clock.advance(100);
  agent.move('d2', 'transferring', { bytes: 6, rate: 500 });
  t.is(printed.at(-1), '\r\u001b[K1 of 2 files, 1.2 MB of 1.2 MB, 99 %, 12.3 MB/s, 0:01');
  agent.move('d2', 'cancelled');
  t.deepEqual(
    (await ended)?.ended.map(({ id, state }) => [id, state]),
    [
      ['d1', 'done'],
      ['d2', 'cancelled'],
    ],
  );
  t.is(printed.at(-1), '\r\u001b[K');
});

test('the line is no longer than the terminal is wide, or it could not be cleared', async (t) => {
  const { context, printed } = command(true, 20);
  const { agent, ended } = following(context);
  await turn();
  agent.move('d1', 'transferring', { bytes: 617_290 });
  t.is(printed.at(-1), '\r\u001b[K0 of 2 files, 617 …');
  agent.move('d1', 'done');
  agent.move('d2', 'done');
  await ended;
});

test('each reason to wait is said once, with or without a terminal', async (t) => {
  for (const isTerminal of [false, true]) {
    const { context, printed } = command(isTerminal);
    const { agent, ended } = following(context);
    await turn();
    const error = { code: 'NO_SOURCE', params: { path: 'docs/report.pdf' } } as const;
    agent.move('d1', 'queued', { error });
    agent.move('d1', 'connecting', { error: null });
    agent.move('d1', 'queued', { error });
    agent.move('d2', 'queued', { error });
    t.deepEqual(
      printed.filter((text) => text.startsWith('…')),
      [
        '… docs/report.pdf: No device that is online has docs/report.pdf. It will be tried again when one appears.\n',
      ],
    );
    agent.move('d1', 'done');
    agent.move('d2', 'done');
    await ended;
  }
});

test('what ends before the answer that names it counts', async (t) => {
  const { context } = command(true);
  const agent = new FakeAgent();
  const client = { events: agent.events, closed: new Promise<CompartidosError>(() => {}) };
  const outcome = await followDownloads(context, client, async () => {
    const queued = await agent.get([{ path: 'docs/**' }]);
    for (const { id } of queued) agent.move(id, 'done');
    return queued;
  });
  t.deepEqual(
    outcome?.ended.map(({ state }) => state),
    ['done', 'done'],
  );
});

test('who ends the waiting is told nothing more of the downloads', async (t) => {
  const { context, printed } = command(true);
  const agent = new FakeAgent();
  const client = { events: agent.events, closed: new Promise<CompartidosError>(() => {}) };
  for (const begin of [() => agent.get([{ path: 'docs/**' }]), () => new Promise<never>(() => {})]) {
    const end = new AbortController();
    const ended = followDownloads(context, client, begin, { end: end.signal });
    await turn();
    end.abort();
    t.is(await ended, undefined);
    t.is(printed.at(-1), '\r\u001b[K');
    const { length } = printed;
    agent.move('d1', 'transferring');
    t.is(printed.length, length);
  }
});

test('an agent that goes away ends the waiting', async (t) => {
  const { context } = command(false);
  const agent = new FakeAgent();
  const end = new CompartidosError('AGENT_STOPPED', { folder: '/state' });
  const client = { events: agent.events, closed: Promise.resolve(end) };
  const begin = () => agent.get([{ path: 'docs/**' }]);
  t.is(await t.throwsAsync(followDownloads(context, client, begin)), end);
});
