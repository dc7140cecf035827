import type { FileView } from '../agent-api.ts';
import { formatSize, formatTime } from '../language/quantities.ts';
import { translate, type Language } from '../language/translate.ts';
import { beginningOf, NUMBER, tableLines, type Column, type ListOptions } from './table.ts';

export interface FileLinesOptions extends ListOptions {
  /** Says who has each file. */
  readonly holders?: boolean;
}

export function fileLines(
  language: Language,
  files: readonly FileView[],
  options: FileLinesOptions = {},
): string[] {
  if (files.length === 0) return [translate(language, 'view.no-files')];
  const title = (name: string) => translate(language, `column.${name}`);
  const columns: Column<FileView>[] = [
    { title: title('size'), align: 'right', spare: 2, cell: ({ size }) => formatSize(language, size) },
    { title: title('time'), spare: 1, cell: ({ mtime }) => formatTime(mtime) },
    { title: title('path'), cut: 'middle', cell: ({ path }) => path },
  ];
  if (options.holders)
    columns.splice(2, 0, { title: title('holders'), spare: 3, cell: (file) => holderNames(language, file) });
  if (options.numbered) columns.unshift(NUMBER);
  const { shown, more } = beginningOf(language, files, options, 'view.more-files');
  return [...tableLines(shown, columns, options.width), ...more];
}

const MAX_NAMES = 3;

function holderNames(language: Language, { holders, local }: FileView): string {
  const ours = local ? [translate(language, 'view.here')] : [];
  const away = translate(language, 'peer-state.offline');
  const theirs = holders.map(({ name, state }) => (state === 'online' ? name : `${name} (${away})`));
  const names = [...ours, ...theirs];
  const more = names.length > MAX_NAMES ? ` +${names.length - MAX_NAMES}` : '';
  return names.slice(0, MAX_NAMES).join(', ') + more;
}
