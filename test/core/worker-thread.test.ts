import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { WorkerThread } from '../../src/core/worker-thread.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SCRIPTED_WORKER, type ScriptedOrder, type ScriptedReport } from '../support/scripted-order.ts';

const run = promisify(execFile);

/** Every worker that keeps this process counts as one. The tests are serial for its sake. */
function keptBy(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
}

class Lab {
  readonly clock = new FakeClock();
  readonly thread: WorkerThread<ScriptedOrder, ScriptedReport>;
  readonly heard: (ScriptedReport | 'lost')[] = [];
  readonly #news = new EventEmitter();

  constructor(t: ExecutionContext) {
    const hear = (what: ScriptedReport | 'lost') => {
      this.heard.push(what);
      this.#news.emit('heard', what);
    };
    this.thread = new WorkerThread(SCRIPTED_WORKER, this.clock, {
      onReport: hear,
      onLost: () => hear('lost'),
    });
    t.teardown(() => this.thread.end());
  }

  /** Gives an order, and resolves with what is heard next. */
  async ask(act: ScriptedOrder['act']): Promise<ScriptedReport | 'lost'> {
    const next = once(this.#news, 'heard');
    this.thread.give({ act });
    return ((await next) as [ScriptedReport | 'lost'])[0];
  }

  /** The number of the thread that answers. */
  async askWho(): Promise<number> {
    const report = await this.ask('report');
    return report === 'lost' ? NaN : report.thread;
  }
}

test.serial('a thread starts with its first order and does all that follow', async (t) => {
  const lab = new Lab(t);
  t.is(keptBy(), 0);
  const first = await lab.askWho();
  t.is(keptBy(), 1);
  t.is(await lab.askWho(), first);
  t.is(lab.clock.pending, 0);
});

test.serial('what is transferred belongs to the thread', async (t) => {
  const lab = new Lab(t);
  await lab.askWho();
  const bytes = new Uint8Array(1000);
  lab.thread.give({ act: 'report', bytes }, [bytes.buffer]);
  t.is(bytes.length, 0);
  const report = (await lab.ask('report')) as ScriptedReport;
  t.deepEqual(lab.heard[1], { ...report, bytes: 1000 });
});

for (const act of ['throw', 'exit'] as const) {
  test.serial(`a thread that has to ${act} is lost once, and the next order starts another`, async (t) => {
    const lab = new Lab(t);
    const first = await lab.askWho();
    t.is(await lab.ask(act), 'lost');
    t.not(await lab.askWho(), first);
    await lab.thread.end();
    t.is(lab.heard.filter((what) => what === 'lost').length, 1);
    t.is(keptBy(), 0);
  });
}

test.serial('a thread is ended by rest, and not while it has something to do', async (t) => {
  const lab = new Lab(t);
  const first = await lab.askWho();
  await lab.clock.advance(60_000);
  t.is(await lab.askWho(), first);
  lab.thread.rest();
  lab.thread.rest();
  await lab.clock.advance(9_999);
  t.is(await lab.askWho(), first);
  t.is(lab.clock.pending, 0);
  lab.thread.rest();
  await lab.clock.advance(10_000);
  t.not(await lab.askWho(), first);
  t.false(lab.heard.includes('lost'));
});

test.serial('an end is an end, whatever the thread is doing', async (t) => {
  const lab = new Lab(t);
  await lab.thread.end();
  await lab.askWho();
  lab.thread.rest();
  lab.thread.give({ act: 'report' });
  lab.thread.give({ act: 'throw' });
  lab.thread.give({ act: 'spin' });
  await Promise.all([lab.thread.end(), lab.thread.end()]);
  await lab.thread.end();
  lab.thread.rest();
  t.is(lab.clock.pending, 0);
  t.is(keptBy(), 0);
  t.is(lab.heard.length, 1);
});

test('a thread keeps the process until it rests, and no longer', async (t) => {
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, '..', 'support', 'resting-process.js'),
  ]);
  t.deepEqual(stdout.split('\n'), ['report 1', 'report 2', '']);
});
