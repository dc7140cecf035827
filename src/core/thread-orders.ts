import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** Of the threads: where processors are scarce, the thread that decides goes first, and so do other programs. */
const NICENESS = 10;

/** In the script of a thread: `carryOut` is called with each order, one after the other. */
export function takeOrders<Order>(carryOut: (order: Order) => void): void {
  giveWay();
  parentPort?.on('message', carryOut);
}

/** Tells the owner of the thread. What is in `transfer` then belongs to him. */
export function report<Report>(message: Report, transfer: readonly Transferable[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** On Linux alone a priority is that of a thread (setpriority(2), "C library/kernel differences"); else of the process. */
function giveWay(): void {
  if (process.platform !== 'linux' || !parentPort) return;
  if (getPriority() < NICENESS) setPriority(NICENESS);
}
