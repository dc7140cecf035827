import { z } from 'zod';
import type { Connection } from './sqlite.ts';

/** In `meta`: sequences that were passed over, as JSON. */
const KEY = 'sequence-gaps';
/** Starts of the agent whose gaps are remembered. */
const MAX_GAPS = 1000;

const shape = z.array(z.tuple([z.number(), z.number()]));

/** Every sequence above the first and below the second was passed over. */
type Gap = readonly [from: number, to: number];

type Readable = Pick<Connection, 'prepare'>;

/** Whether our index has given any sequence. */
export function hasBegun(connection: Readable): boolean {
  return lastGiven(connection) > 0;
}

/**
 * Has the sequences of a new run begin above the time (ms since the Unix epoch). A database that was brought back from a
 * backup, or whose whole disk was, would else give numbers again which it had given to changes that it does not know
 * any more, and who has been told of those would be told of nothing up to there.
 */
export function leaveGap(connection: Readable & Pick<Connection, 'transaction'>, nowMs: number): void {
  const sequence = lastGiven(connection);
  const next = Math.floor(nowMs);
  if (sequence === 0 || next <= sequence) return;
  const gaps = readGaps(connection.prepare('SELECT value FROM meta WHERE key = ?').row(KEY)?.[0]);
  const last = gaps.at(-1);
  // Nothing was recorded in the last run.
  const isOngoing = last?.[1] === sequence;
  const all: Gap[] = isOngoing ? [...gaps.slice(0, -1), [last[0], next]] : [...gaps, [sequence, next]];
  connection.transaction(() => {
    connection
      .prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
      .run(KEY, JSON.stringify(all.slice(-MAX_GAPS)));
    connection.prepare('UPDATE device SET sequence = ? WHERE number = 0').run(next);
  });
}

/** Whether `sequence` lies in none of the gaps that `meta` holds. */
export function isOutsideGaps(meta: (key: string) => unknown, sequence: number): boolean {
  return readGaps(meta(KEY)).every(([from, to]) => sequence <= from || sequence >= to);
}

function lastGiven(connection: Readable): number {
  return Number(connection.prepare('SELECT sequence FROM device WHERE number = 0').row()?.[0] ?? 0);
}

function readGaps(json: unknown): Gap[] {
  if (typeof json !== 'string') return [];
  try {
    return shape.safeParse(JSON.parse(json)).data ?? [];
  } catch {
    return [];
  }
}
