import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const MAX_LINES = 1000;
const MAX_LENGTH = 4096;
const MAX_BYTES = 8 * 1024 * 1024;

/** The lines typed before, newest first; none when there is no file that can be read. */
export async function loadHistory(file: string): Promise<string[]> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_BYTES) return [];
    return text.split('\n').filter(isKept).slice(-MAX_LINES).reverse();
  } catch {
    return [];
  }
}

/** Keeps `lines`, newest first, in a file that only the user can read. A disk that fails costs the history only. */
export async function saveHistory(file: string, lines: readonly string[]): Promise<void> {
  const text = lines.filter(isKept).slice(0, MAX_LINES).reverse().join('\n');
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text === '' ? '' : `${text}\n`);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch {
    return;
  }
}

function isKept(line: string): boolean {
  return line.trim() !== '' && line.length <= MAX_LENGTH && !line.includes('\n');
}
