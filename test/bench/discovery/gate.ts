import type { LabHost } from '../../support/lab-host.ts';
import type { WatchedAgent } from '../../support/watched-agent.ts';
import { percentile } from '../percentile.ts';

/** Starts an agent on a host; resolves when it says that it is ready. Its name is the host's unless given. */
export type StartAgent = (host: LabHost, name?: string) => Promise<WatchedAgent>;

/** What was measured for one gate. */
export interface Measured {
  /** In `unit`; compared with the limit. */
  readonly value: number;
  /** More of it, for people. */
  readonly note?: string;
}

/** A promise about discovery and how to measure it. */
export interface Gate {
  /** Short, for `--only`. */
  readonly id: string;
  readonly title: string;
  /** The greatest value that passes, or the least when `atLeast`. */
  readonly limit: number;
  readonly unit: 'ms' | 's' | 'packets/s' | 'MB' | 'of 2';
  readonly atLeast?: boolean;
  /** Returns a text instead when it cannot be measured here, and why. */
  readonly measure: (start: StartAgent) => Promise<Measured | string>;
}

/** Median and greatest, for people. */
export function summary(values: readonly number[]): string {
  const round = (value: number): number => Math.round(value);
  return `${values.length} times, median ${round(percentile(values, 0.5))}, worst ${round(percentile(values, 1))}`;
}
