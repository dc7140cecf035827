import { z } from 'zod';
import { HASH_BYTES } from '../model/block-layout.ts';
import { parseDeviceId } from '../model/device-id.ts';
import { parseRelativePath } from '../model/relative-path.ts';
import { Download } from './download.ts';
import type { DownloadOrder } from './download-order.ts';

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const path = z.string().transform(parseRelativePath);
const device = z.string().transform(parseDeviceId);
const version = z.array(z.object({ device, value: z.number().int().positive() }));

const content = z.object({
  path,
  type: z.enum(['file', 'directory', 'symlink']),
  deleted: z.literal(false),
  size: z.number().int().nonnegative(),
  mtimeUs: z.number().int(),
  executable: z.boolean(),
  target: z.string(),
  version,
  blocks: bytes.refine((blocks) => blocks.length % HASH_BYTES === 0),
  hash: bytes.optional(),
  sequence: z.number().int(),
});

const classic = z.object({
  host: z.string(),
  port: z.number().int(),
  name: z.string(),
  maxSize: z.number().optional(),
});

const record = z.object({
  state: z.enum(['queued', 'paused', 'failed']),
  path: z.string(),
  target: path,
  content: content.optional(),
  devices: z.array(device),
  classic: classic.optional(),
  reason: z.enum(['person', 'rule']),
  ruleId: z.string().optional(),
  priority: z.number(),
  mode: z.enum(['fetch', 'mirror', 'sync']).optional(),
});

/** The state that a download is to be found in by the next run. */
export function keptState({ state, pauseCause }: Download): 'queued' | 'paused' | 'failed' {
  // What the disk has paused finds out by itself whether that is over.
  const isPausedForGood = state === 'paused' && pauseCause === 'person';
  return isPausedForGood || state === 'failed' ? state : 'queued';
}

/** The JSON value that stands for a download. */
export function writeRecord(download: Download): unknown {
  const { order } = download;
  const entry = order.content;
  return {
    ...order,
    state: keptState(download),
    content: entry && {
      ...entry,
      blocks: Buffer.from(entry.blocks).toString('base64'),
      hash: entry.hash && Buffer.from(entry.hash).toString('base64'),
    },
  };
}

/** The download that `writeRecord` wrote; undefined when it is not one. */
export function readRecord(id: string, json: unknown): Download | undefined {
  // Ids become file names.
  if (!/^[0-9a-f]{16}$/.test(id)) return undefined;
  let parsed: ReturnType<typeof record.safeParse>;
  try {
    parsed = record.safeParse(json);
  } catch {
    // Paths and ids that are none throw from the transforms.
    return undefined;
  }
  if (!parsed.success) return undefined;
  const { state, ...rest } = parsed.data;
  const order: DownloadOrder = {
    ...rest,
    content: rest.content && { ...rest.content, hash: rest.content.hash },
    classic: rest.classic && { ...rest.classic, maxSize: rest.classic.maxSize },
    ruleId: rest.ruleId,
    mode: rest.mode,
  };
  return new Download(id, order, state);
}
