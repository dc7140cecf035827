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
/** No column is cut to less, in terminal columns; the last one is the first to be cut. */
const MIN_LAST = 10;
const MIN_OTHER = 4;

/** Rows as aligned lines under a line of titles, none of them wider than `width`: cells are cut to fit it. */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width = Infinity,
): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row, index) => columns.map(({ cell }) => printable(cell(row, index)))),
  ];
  const natural = columns.map((_, at) =>
    cells.reduce((most, line) => Math.max(most, textWidth(line[at]!)), 0),
  );
  const mayCut = columns.map(({ align }) => align !== 'right');
  const widths = fitWidths(natural, mayCut, width - GAP.length * (columns.length - 1));
  return cells.map((line) => {
    const fitted = line.map((cell, at) =>
      padText(fitText(cell, widths[at]!), widths[at]!, columns[at]!.align),
    );
    return fitText(fitted.join(GAP).trimEnd(), width);
  });
}

/** `widths` with their sum at most `room`, as far as the columns that may be cut can give it. */
function fitWidths(natural: readonly number[], mayCut: readonly boolean[], room: number): number[] {
  const widths = [...natural];
  const last = widths.length - 1;
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  const take = (at: number, least: number, most: number) => {
    const taken = Math.max(0, Math.min(excess, most, widths[at]! - least));
    widths[at]! -= taken;
    excess -= taken;
    return taken > 0;
  };
  take(last, MIN_LAST, Infinity);
  for (;;) {
    // The widest loses first.
    const order = widths.map((_, at) => at).filter((at) => mayCut[at]);
    order.sort((a, b) => widths[b]! - widths[a]!);
    if (!order.some((at) => take(at, MIN_OTHER, 1))) return widths;
  }
}
