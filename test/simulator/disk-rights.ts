import type { DiskNode } from './disk-node.ts';
import { diskError } from './disk-tree.ts';

/**
 * What programs may not do to a file or folder: `all`, as with the mode 000; `list` a folder, whose names can still be
 * looked up; `change` the names in a folder.
 */
export type Denial = 'all' | 'list' | 'change';

/** What a program wants of a path: to know what is there, to read it, or to give or take the name. */
export type Wish = 'look' | 'read' | 'name';

/** @throws EACCES when a right is missing. What is not there is for others to find out. */
export function demandRight(root: DiskNode, path: string, wish: Wish): void {
  let folder = root;
  const names = path.split('/').filter(Boolean);
  const last = names.pop();
  for (const name of names) {
    const next = folder.children.get(name);
    if (!next) return;
    if (next.denial === 'all') throw diskError('EACCES', path);
    folder = next;
  }
  const node = last === undefined ? root : folder.children.get(last);
  const isRefused = wish === 'name' ? folder.denial === 'change' : wish === 'read' && isUnreadable(node);
  if (isRefused) throw diskError('EACCES', path);
}

function isUnreadable(node: DiskNode | undefined): boolean {
  return node?.denial === 'all' || node?.denial === 'list';
}
