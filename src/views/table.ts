import { printable } from '../language/printable.ts';
import { fitText, padText, textWidth } from '../language/text-width.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be any text: what a terminal must not get is made visible. */
  readonly cell: (row: Row, index: number) => string;
}

/** Numbers the rows from 1. */
export const NUMBER: Column<unknown> = { title: '#', align: 'right', cell: (_, index) => String(index + 1) };

const GAP = '  ';
/** Columns of text beyond which the last cell is cut when the width is known. */
const MIN_LAST = 10;

/** Rows as aligned lines under a line of titles; with `width`, the last column is cut to fit it. */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width = Infinity,
): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row, index) => columns.map(({ cell }) => printable(cell(row, index)))),
  ];
  const widths = columns.map((_, at) =>
    cells.reduce((most, line) => Math.max(most, textWidth(line[at]!)), 0),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, each) => sum + each + GAP.length, 0);
  const room = Math.max(MIN_LAST, width - before);
  return cells.map((line) =>
    line
      .map((cell, at) => (at === last ? fitText(cell, room) : padText(cell, widths[at]!, columns[at]!.align)))
      .join(GAP)
      .trimEnd(),
  );
}
