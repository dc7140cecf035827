import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorldOrder, WorldOutcome } from './world-process.ts';

const PROGRAM = fileURLToPath(new URL('world-process.js', import.meta.url));
/** ms after which a world is taken for one that never ends. Most take a tenth of a second. */
const MAX_WORLD_MS = 120_000;

export interface WorldProcesses {
  /** At a time. */
  readonly count: number;
  /** Databases in memory are freed late: a process makes room for another one after so many worlds. */
  readonly worldsEach?: number;
  /** The script that runs worlds. */
  readonly program?: string;
}

/** Runs the worlds of `seeds` in processes of their own, and tells of each how it went, in no particular order. */
export async function runWorlds(
  seeds: Iterable<number>,
  { count, worldsEach = 250, program = PROGRAM }: WorldProcesses,
  tell: (outcome: WorldOutcome) => void,
): Promise<void> {
  const rest = seeds[Symbol.iterator]();
  const work = async () => {
    let child: ChildProcess | undefined;
    let left = worldsEach;
    for (let next = rest.next(); !next.done; next = rest.next()) {
      child ??= fork(program);
      const { outcome, isOver } = await runIn(child, next.value);
      tell(outcome);
      left -= 1;
      if (!isOver && left > 0) continue;
      child.kill('SIGKILL');
      child = undefined;
      left = worldsEach;
    }
    child?.kill('SIGKILL');
  };
  await Promise.all(Array.from({ length: count }, work));
}

/** `isOver`: the process is of no use any more. */
function runIn(child: ChildProcess, seed: number): Promise<{ outcome: WorldOutcome; isOver: boolean }> {
  return new Promise((resolve) => {
    const settle = (outcome: WorldOutcome, isOver: boolean) => {
      clearTimeout(timer);
      child.off('message', answered);
      child.off('exit', ended);
      resolve({ outcome, isOver });
    };
    const answered = (message: unknown) => settle(message as WorldOutcome, false);
    const ended = (code: number | null, signal: string | null) =>
      settle({ seed, problem: `its process ended with ${code ?? signal}` }, true);
    const timer = setTimeout(() => settle({ seed, problem: 'it does not end' }, true), MAX_WORLD_MS);
    child.on('message', answered);
    child.on('exit', ended);
    child.send({ seed } satisfies WorldOrder);
  });
}
