import test from 'ava';
import type { ExecutionContext } from 'ava';
import { OrderWorker } from '../../src/core/order-worker.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SCRIPTED_WORKER, type ScriptedOrder, type ScriptedReport } from '../support/scripted-order.ts';

class Lab {
  readonly clock = new FakeClock();
  readonly worker = new OrderWorker<ScriptedOrder, ScriptedReport>(SCRIPTED_WORKER, this.clock);

  constructor(t: ExecutionContext) {
    t.teardown(() => this.worker.end());
  }

  ask(act: ScriptedOrder['act'], bytes = new Uint8Array()): Promise<ScriptedReport | undefined> {
    return this.worker.carryOut({ act, bytes }, [bytes.buffer]);
  }
}

test('each order gets its own report, and the thread rests after the last', async (t) => {
  const lab = new Lab(t);
  const { worker, clock } = lab;
  t.false(worker.isBusy);
  const sizes = [3, 1, 2];
  const asked = sizes.map((size) => lab.ask('report', new Uint8Array(size)));
  t.true(worker.isBusy);
  const first = await asked[0];
  t.is(clock.pending, 0);
  const reports = [first, ...(await Promise.all(asked.slice(1)))];
  t.deepEqual(
    reports.map((report) => report?.bytes),
    sizes,
  );
  t.false(worker.isBusy);
  t.is(clock.pending, 1);
});

for (const act of ['throw', 'exit'] as const) {
  test(`a thread that has to ${act} leaves its orders without a report, and the next order starts another`, async (t) => {
    const lab = new Lab(t);
    const { worker } = lab;
    const before = await lab.ask('report');
    t.deepEqual(await Promise.all([lab.ask(act), lab.ask('report')]), [undefined, undefined]);
    t.false(worker.isBusy);
    const after = await lab.ask('report');
    t.is(typeof after?.thread, 'number');
    t.not(after?.thread, before?.thread);
  });
}

test('the end of a thread is the end of its orders, whatever it is doing', async (t) => {
  const lab = new Lab(t);
  const { worker } = lab;
  await lab.ask('report');
  const asked = [lab.ask('spin'), lab.ask('report')];
  await worker.end();
  t.deepEqual(await Promise.all(asked), [undefined, undefined]);
  t.is((await lab.ask('report'))?.bytes, 0);
});
