import type { FileView } from '../agent-api.ts';
import { formatNumber, formatSize, formatTime } from '../language/quantities.ts';
import { translate, type Language } from '../language/translate.ts';
import { NUMBER, tableLines, type Column } from './table.ts';

export interface FileLinesOptions {
  /** Numbers the lines from 1, for `get 2`. */
  readonly numbered?: boolean;
  /** Says who has each file. */
  readonly holders?: boolean;
  /** Shows no more files than this, and says how many there are. */
  readonly limit?: number;
  readonly width?: number;
}

export function fileLines(
  language: Language,
  files: readonly FileView[],
  options: FileLinesOptions = {},
): string[] {
  if (files.length === 0) return [translate(language, 'view.no-files')];
  const title = (name: string) => translate(language, `column.${name}`);
  const columns: Column<FileView>[] = [
    { title: title('size'), align: 'right', cell: ({ size }) => formatSize(language, size) },
    { title: title('time'), cell: ({ mtime }) => formatTime(mtime) },
    { title: title('path'), cell: ({ path }) => path },
  ];
  if (options.holders)
    columns.splice(2, 0, { title: title('holders'), cell: (file) => holderNames(language, file) });
  if (options.numbered) columns.unshift(NUMBER);
  const shown = files.slice(0, options.limit ?? files.length);
  const lines = tableLines(shown, columns, options.width);
  if (shown.length < files.length) {
    const count = formatNumber(language, files.length - shown.length);
    lines.push(translate(language, 'view.more-files', { count }));
  }
  return lines;
}

const MAX_NAMES = 3;

function holderNames(language: Language, { holders, local }: FileView): string {
  const ours = local ? [translate(language, 'view.here')] : [];
  const theirs = holders.map(({ name, state }) => (state === 'online' ? name : `(${name})`));
  const names = [...ours, ...theirs];
  const more = names.length > MAX_NAMES ? ` +${names.length - MAX_NAMES}` : '';
  return names.slice(0, MAX_NAMES).join(', ') + more;
}
