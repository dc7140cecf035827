import type { RelativePath } from '../model/relative-path.ts';
import type { FolderMemory } from './shared-folder.ts';

const KEY = 'check-position';
/** When the round began, the next block (none: the file is done), and `/` with the path (none: the round is over). */
const FORMAT = /^(\d+) (\d*) (.*)$/su;

/** Where a round of the background check stands, in the byte order of the paths. */
export interface CheckPosition {
  /** ms since the Unix epoch. */
  readonly began: number;
  /** What was read last: empty before the first; undefined when the round is over. */
  readonly path: RelativePath | '' | undefined;
  /** The block of it to go on with; undefined when it is done. */
  readonly block: number | undefined;
}

export function loadPosition(memory: FolderMemory): CheckPosition | undefined {
  const match = FORMAT.exec(String(memory.meta(KEY)));
  if (!match) return undefined;
  const [, began, block, path] = match as unknown as [string, string, string, string];
  return {
    began: Number(began),
    path: path === '' ? undefined : (path.slice(1) as RelativePath | ''),
    block: block === '' ? undefined : Number(block),
  };
}

export function savePosition(memory: FolderMemory, { began, path, block }: CheckPosition): void {
  const where = path === undefined ? '' : `/${path}`;
  memory.setMeta(KEY, `${Math.max(0, Math.floor(began))} ${block ?? ''} ${where}`);
}
