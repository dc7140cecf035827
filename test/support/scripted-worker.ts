import { parentPort, threadId } from 'node:worker_threads';
import type { ScriptedOrder, ScriptedReport } from './scripted-order.ts';

parentPort?.on('message', ({ act, bytes }: ScriptedOrder) => {
  if (act === 'throw') throw new Error('thrown in the thread');
  if (act === 'exit') process.exit(1);
  if (act === 'spin') for (;;);
  const report: ScriptedReport = { thread: threadId, bytes: bytes?.length ?? 0 };
  parentPort?.postMessage(report);
});
