import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from './errors.ts';

/**
 * The one name of what `path`, which must be absolute, leads to: links are followed as far as there is something. What
 * cannot be looked at keeps the name that it was given. Never rejects.
 */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (systemErrorCode(error) !== 'ENOENT' || parent === path) return path;
    return join(await realPath(parent), basename(path));
  }
}
