import { blake3 } from '../core/blake3.ts';
import type { Clock } from '../core/clock.ts';
import { CompartidosError, isCompartidosError } from '../core/errors.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import { blockCount, blockRange, HASH_BYTES } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { incrementVersion } from '../model/version-vector.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Download } from './download.ts';
import type { ClassicSource } from './download-order.ts';
import type { RunEvents } from './download-run.ts';
import type { IncomingFolder } from './incoming-folder.ts';
import type { Interruption } from './interruption.ts';
import type { Placer } from './placer.ts';

/** How classic peers are reached: `transport/classic-client.ts`. */
export interface ClassicTransfers {
  /** The content as it arrives, at most `maxBytes`. Rejects with NOT_FOUND and with the errors of a connection. */
  content(source: ClassicSource, maxBytes: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Whether the peer has the file. Rejects when it cannot be asked. */
  search(source: ClassicSource, signal: AbortSignal): Promise<boolean>;
}

export interface ClassicRunParts {
  readonly self: DeviceId;
  readonly classic: ClassicTransfers;
  readonly fileSystem: FileSystem;
  readonly incoming: IncomingFolder;
  readonly space: DiskSpace;
  readonly bandwidth: Pick<Bandwidth, 'pass'>;
  readonly placer: Pick<Placer, 'place'>;
  readonly clock: Clock;
}

/**
 * One attempt at a file of a classic peer, which says neither how long it is nor what its hash is. Of one that is longer
 * than its rule takes nothing stays here.
 */
export async function runClassic(
  parts: ClassicRunParts,
  download: Download,
  events: RunEvents,
  interruption: Interruption,
): Promise<RelativePath> {
  try {
    return await attempt(parts, download, events, interruption);
  } catch (error) {
    if (isCompartidosError(error, 'OVER_MAX_SIZE')) await parts.incoming.discard(download.id);
    throw error;
  }
}

async function attempt(
  parts: ClassicRunParts,
  download: Download,
  events: RunEvents,
  interruption: Interruption,
): Promise<RelativePath> {
  const { fileSystem, incoming, placer } = parts;
  const { target } = download.order;
  const signal = interruption.toSignal();
  const classic = download.order.classic!;
  download.bytes = 0;
  await incoming.discard(download.id);
  const file = await fileSystem.open(incoming.pathOf(download.id), 'create');
  try {
    await receive(parts, download, file, events, signal);
    // The end of the stream is all that says that the file is whole. A peer that has died looks just the same.
    if (!(await parts.classic.search(classic, signal))) {
      throw new CompartidosError('SOURCE_CHANGED', { path: classic.name });
    }
    signal.throwIfAborted();
    events.onComplete(download);
    const content = await describe(parts, download, file);
    const { id } = download;
    return await placer.place({ id, content, body: file, target, asked: 'person', deviceName: classic.host });
  } finally {
    await file.close();
  }
}

async function receive(
  { classic, space, bandwidth }: ClassicRunParts,
  download: Download,
  file: OpenFile,
  events: RunEvents,
  signal: AbortSignal,
): Promise<void> {
  const source = download.order.classic!;
  const free = await space.free();
  for await (const piece of classic.content(source, Math.max(0, free), signal)) {
    signal.throwIfAborted();
    demandAllowed(download, download.bytes + piece.length);
    await file.write(piece, download.bytes);
    download.bytes += piece.length;
    download.meter.add(piece.length);
    events.onBytes(download);
    await bandwidth.pass('down', source.host, piece.length, signal);
  }
}

/** @throws OVER_MAX_SIZE when it has this many bytes, if not more, and only a rule wants it, which takes fewer */
function demandAllowed({ facts: { classic, path, reason } }: Download, bytes: number): void {
  const allowed = classic?.maxSize;
  if (reason === 'person' || allowed === undefined || bytes <= allowed) return;
  throw new CompartidosError('OVER_MAX_SIZE', { path, allowed });
}

/** As the file would be announced had it been made here, now. */
async function describe(
  { self, clock }: ClassicRunParts,
  { bytes: size, order: { target } }: Download,
  file: OpenFile,
): Promise<FileEntry> {
  const blocks = new Uint8Array(blockCount(size) * HASH_BYTES);
  for (let index = 0; index < blockCount(size); index += 1) {
    const { offset, length } = blockRange(size, index);
    const bytes = Buffer.allocUnsafeSlow(length);
    await file.read(bytes, offset);
    blocks.set(blake3(bytes), index * HASH_BYTES);
  }
  return {
    path: target,
    type: 'file',
    deleted: false,
    size,
    mtimeUs: clock.now() * 1000,
    executable: false,
    target: '',
    version: incrementVersion([], self, clock.now()),
    blocks,
    hash: blake3(blocks),
    sequence: 0,
  };
}
