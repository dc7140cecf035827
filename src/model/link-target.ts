import { MAX_PATH_BYTES, parentPath, pathProblem, type RelativePath } from './relative-path.ts';

/** Why a symbolic link is not shared: its target leads out of the folder, or is no path at all. */
export type LinkProblem = 'link-outside' | 'link-invalid';

/**
 * Why the link `path` with this `target` cannot be shared, or undefined when it stays inside the shared folder. `..`
 * may come at the beginning only: after the name of another link it would lead to where that one points.
 */
export function linkProblem(path: RelativePath, target: string): LinkProblem | undefined {
  if (target === '' || target.includes('\0') || target.includes('\\') || !target.isWellFormed()) {
    return 'link-invalid';
  }
  if (Buffer.byteLength(target) > MAX_PATH_BYTES) return 'link-invalid';
  if (target.startsWith('/') || /^[a-z]:/i.test(target)) return 'link-outside';
  const reached = parentPath(path)?.split('/') ?? [];
  let named = false;
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      if (named || reached.length === 0) return 'link-outside';
      reached.pop();
    } else {
      named = true;
      reached.push(segment);
    }
  }
  if (reached.length === 0) return undefined;
  return pathProblem(reached.join('/').normalize('NFC')) === undefined ? undefined : 'link-invalid';
}
