import type { FileStat, OpenFile } from '../core/file-system.ts';
import type { ClassicSocket } from './classic-socket.ts';

/** Bytes that are read at a time. A caller has two such buffers for as long as it likes. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Sends the whole of `content`; returns its bytes, or undefined when it changed meanwhile. The last piece leaves only
 * after a look at the file, so that nobody ever gets all the bytes of a content that never was.
 */
export async function sendContent(
  connection: ClassicSocket,
  content: OpenFile,
  pace: (bytes: number) => Promise<void> | undefined,
): Promise<number | undefined> {
  const before = await content.stat();
  let reading = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, before.size));
  let writing = Buffer.allocUnsafeSlow(reading.length);
  let written: Promise<void> = Promise.resolve();
  let position = 0;
  while (position < before.size) {
    const wanted = Math.min(CHUNK_BYTES, before.size - position);
    const [read] = await Promise.all([content.read(reading.subarray(0, wanted), position), written]);
    if (read < wanted) return undefined;
    position += read;
    if (position === before.size && !isSame(before, await content.stat())) return undefined;
    await pace(read);
    written = connection.write(reading.subarray(0, read));
    [reading, writing] = [writing, reading];
  }
  await written;
  return before.size;
}

function isSame(a: FileStat, b: FileStat): boolean {
  return a.size === b.size && a.mtimeUs === b.mtimeUs && a.ctimeUs === b.ctimeUs;
}
