import { runWorld } from './run-world.ts';

/** What a process that runs worlds is asked for, and what it answers. */
export interface WorldOrder {
  readonly seed: number;
}

export interface WorldOutcome {
  readonly seed: number;
  /** What went wrong, if anything did. */
  readonly problem: string | undefined;
}

process.on('message', ({ seed }: WorldOrder) => {
  void runWorld(seed).then((problem) => process.send!({ seed, problem } satisfies WorldOutcome));
});
