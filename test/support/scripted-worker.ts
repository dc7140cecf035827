import { getPriority } from 'node:os';
import { threadId } from 'node:worker_threads';
import { report, takeOrders } from '../../src/core/thread-orders.ts';
import type { ScriptedOrder, ScriptedReport } from './scripted-order.ts';

takeOrders(({ act, bytes }: ScriptedOrder) => {
  if (act === 'throw') throw new Error('thrown in the thread');
  if (act === 'exit') process.exit(1);
  if (act === 'spin') for (;;);
  report<ScriptedReport>({ thread: threadId, bytes: bytes?.length ?? 0, priority: getPriority() });
});
