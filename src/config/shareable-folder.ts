import { isAbsolute, parse, relative } from 'node:path';
import { realPath } from '../core/real-path.ts';

/**
 * Whether `folder`, absolute, may be shared. The root of a disk may not, nor `home`, that of the user, or what
 * contains it: keys and mail would be everybody's.
 */
export async function isShareable(folder: string, home: string | undefined): Promise<boolean> {
  const real = await realPath(folder);
  if (parse(real).root === real) return false;
  return home === undefined || !contains(real, await realPath(home));
}

function contains(folder: string, inner: string): boolean {
  const way = relative(folder, inner);
  return !isAbsolute(way) && way.split(/[/\\]/)[0] !== '..';
}
