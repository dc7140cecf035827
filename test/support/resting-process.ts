import { systemClock } from '../../src/core/system-clock.ts';
import { WorkerThread } from '../../src/core/worker-thread.ts';
import { SCRIPTED_WORKER, type ScriptedOrder, type ScriptedReport } from './scripted-order.ts';

// A process with nothing but a thread: it lasts for as long as that keeps it.
let reports = 0;
const thread = new WorkerThread<ScriptedOrder, ScriptedReport>(SCRIPTED_WORKER, systemClock, {
  onReport() {
    reports += 1;
    console.log(`report ${reports}`);
    thread.rest();
    if (reports === 1) thread.give({ act: 'report' });
  },
  onLost: () => console.log('lost'),
});
thread.give({ act: 'report' });
