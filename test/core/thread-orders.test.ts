import { getPriority } from 'node:os';
import test from 'ava';
import { OrderWorker } from '../../src/core/order-worker.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SCRIPTED_WORKER, type ScriptedOrder, type ScriptedReport } from '../support/scripted-order.ts';

test('a thread gives way to the one that gives it orders, where threads have priorities of their own', async (t) => {
  const worker = new OrderWorker<ScriptedOrder, ScriptedReport>(SCRIPTED_WORKER, new FakeClock());
  t.teardown(() => worker.end());
  const before = getPriority();
  const found = await worker.carryOut({ act: 'report' });
  t.is(found?.priority, process.platform === 'linux' ? Math.max(before, 10) : before);
  t.is(getPriority(), before);
});
