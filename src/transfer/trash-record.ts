import { z } from 'zod';
import { parseRelativePath, pathProblem } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';

export type TrashReason = 'replaced' | 'deleted' | 'resolved';

/** What is remembered of a file in the trash, in a file beside it. */
export interface TrashRecord {
  /** Where it was. */
  readonly path: RelativePath;
  /** Bytes. */
  readonly size: number;
  /** When it was moved there, in ms since the Unix epoch. */
  readonly time: number;
  /** The same as the trash counts it; records of former releases have none. */
  readonly counted: number | undefined;
  readonly reason: TrashReason;
  /** Hex of the hash of its content, where that was known. */
  readonly hash: string | undefined;
}

/** Bytes; no record of ours is longer: JSON needs at most six for each byte of a path. */
export const MAX_RECORD_BYTES = 32 * 1024;

const shape = z.object({
  path: z
    .string()
    .refine((path) => pathProblem(path) === undefined)
    .transform(parseRelativePath),
  size: z.number().int().nonnegative(),
  time: z.number(),
  counted: z.number().optional(),
  reason: z.enum(['replaced', 'deleted', 'resolved']),
  hash: z.string().optional(),
});

export function writeTrashRecord(record: TrashRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

/** Undefined when `bytes` are no record, or one that was cut off. */
export function readTrashRecord(bytes: Uint8Array): TrashRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    return undefined;
  }
  const { data } = shape.safeParse(json);
  return data && { ...data, counted: data.counted, hash: data.hash };
}
