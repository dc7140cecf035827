import type { Slot } from './disk-journal.ts';
import { DiskNode } from './disk-node.ts';

const MAX_LINKS = 8;

/** An error as the operating system reports it. */
export function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** The names on a disk, and what has them. */
export class DiskTree {
  readonly root: DiskNode;

  constructor(time: number) {
    this.root = new DiskNode(1, 'directory', time);
    this.root.links = 1;
  }

  /** The place for a new name. @throws EEXIST when it is taken. */
  vacant(path: string): Slot {
    const slot = this.slot(path);
    if (slot.was) throw diskError('EEXIST', path);
    return slot;
  }

  /** The place of a name, whether or not something has it. */
  slot(path: string): Slot {
    const slash = path.lastIndexOf('/');
    const folder = this.folder(path.slice(0, slash));
    const name = path.slice(slash + 1);
    return { folder, name, was: folder.children.get(name), is: undefined };
  }

  /** What is at `path`: links above it are followed, and it itself is not. @throws ENOENT, ENOTDIR, ELOOP */
  demand(path: string, depth = 0): DiskNode {
    let node = this.root;
    let at = '';
    for (const name of path.split('/')) {
      if (name === '') continue;
      if (node.type === 'symlink') node = this.#follow(node, at, depth);
      if (node.type !== 'directory') throw diskError('ENOTDIR', path);
      const child = name === '.' ? node : node.children.get(name);
      if (!child) throw diskError('ENOENT', path);
      node = child;
      at += `/${name}`;
    }
    return node;
  }

  /** The directory at `path`, behind a link if need be. @throws ENOENT, ENOTDIR, ELOOP */
  folder(path: string): DiskNode {
    const folder = this.#follow(this.demand(path), path);
    if (folder.type !== 'directory') throw diskError('ENOTDIR', path);
    return folder;
  }

  /** Everything that has a name at or below `path`, with it. */
  *below(path: string): Generator<readonly [path: string, node: DiskNode]> {
    let start: DiskNode;
    try {
      start = this.demand(path);
    } catch {
      return;
    }
    yield* walk(start, path);
  }

  #follow(node: DiskNode, path: string, depth = 0): DiskNode {
    if (node.type !== 'symlink') return node;
    if (depth >= MAX_LINKS) throw diskError('ELOOP', path);
    const parent = path.slice(0, path.lastIndexOf('/'));
    const parts: string[] = node.target.startsWith('/') ? [] : parent.split('/').filter(Boolean);
    for (const part of node.target.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    const target = `/${parts.join('/')}`;
    return this.#follow(this.demand(target, depth + 1), target, depth + 1);
  }
}

/** @throws ENOTDIR, EISDIR, ENOTEMPTY, EINVAL when `node` cannot take the name `to`, which `before` has now. */
export function demandMovable(node: DiskNode, before: DiskNode | undefined, from: string, to: string): void {
  const isFolder = node.type === 'directory';
  if (before) {
    if (isFolder && before.type !== 'directory') throw diskError('ENOTDIR', to);
    if (!isFolder && before.type === 'directory') throw diskError('EISDIR', to);
    if (before.children.size > 0) throw diskError('ENOTEMPTY', to);
  }
  if (isFolder && `${to}/`.startsWith(`${from}/`)) throw diskError('EINVAL', to);
}

function* walk(node: DiskNode, path: string): Generator<readonly [string, DiskNode]> {
  yield [path, node];
  for (const [name, child] of node.children) yield* walk(child, `${path}/${name}`);
}
