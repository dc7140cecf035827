import { formatNumber } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { fitMiddle, fitText, padText, textWidth } from '../language/text-width.ts';
import { translate, type Language } from '../language/translate.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Where a cell that is too wide loses something; its end by default. `never` is for what is to be copied. */
  readonly cut?: 'end' | 'middle' | 'never';
  /** May be any text: what a terminal must not get is made visible. */
  readonly cell: (row: Row, index: number) => string;
}

/** Numbers the rows from 1. */
export const NUMBER: Column<unknown> = { title: '#', align: 'right', cell: (_, index) => String(index + 1) };

export interface ListOptions {
  /** Numbers the lines from 1. */
  readonly numbered?: boolean;
  /** Shows no more rows than this, and says how many there are. */
  readonly limit?: number;
  /** Columns of the terminal; without it nothing is cut. */
  readonly width?: number | undefined;
}

/** The rows that `limit` lets be shown, and a line, of `sentence`, that counts the others. */
export function beginningOf<Row>(
  language: Language,
  rows: readonly Row[],
  { limit = Infinity }: ListOptions,
  sentence = 'view.more',
): { readonly shown: readonly Row[]; readonly more: readonly string[] } {
  if (rows.length <= limit) return { shown: rows, more: [] };
  const count = formatNumber(language, rows.length - limit);
  return { shown: rows.slice(0, limit), more: [translate(language, sentence, { count })] };
}

const GAP = '  ';
/** No column is cut to less, in terminal columns. */
const MIN_LAST = 10;
const MIN_OTHER = 4;
/** The last one is the first to be cut; a name to less than this only when there is nothing else to cut. */
const GOOD_NAME = 20;

/**
 * Rows as aligned lines under a line of titles. Cells are cut so that none is wider than `width`; where that cannot be,
 * lines end there, too, unless they hold what is never to be cut.
 */
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
  const widths = fitWidths(natural, columns, width - GAP.length * (columns.length - 1));
  const mayEnd = columns.every(({ cut }) => cut !== 'never');
  return cells.map((line) => {
    const fitted = line.map((cell, at) => {
      const { cut, align } = columns[at]!;
      const fit = cut === 'middle' ? fitMiddle : fitText;
      return padText(fit(cell, widths[at]!), widths[at]!, align);
    });
    const text = fitted.join(GAP).trimEnd();
    return mayEnd ? fitText(text, width) : text;
  });
}

/** `widths` with their sum at most `room`, as far as the columns that may be cut can give it. */
function fitWidths(
  natural: readonly number[],
  columns: readonly Pick<Column<never>, 'align' | 'cut'>[],
  room: number,
): number[] {
  const widths = [...natural];
  const last = widths.length - 1;
  const mayCut = columns.map(({ align, cut }) => align !== 'right' && cut !== 'never');
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  const take = (at: number, least: number, most: number) => {
    const taken = Math.max(0, Math.min(excess, most, widths[at]! - least));
    widths[at]! -= taken;
    excess -= taken;
    return taken > 0;
  };
  take(last, columns[last]!.cut === 'middle' ? GOOD_NAME : MIN_LAST, Infinity);
  for (;;) {
    // The widest loses first.
    const order = widths.map((_, at) => at).filter((at) => mayCut[at] && at !== last);
    order.sort((a, b) => widths[b]! - widths[a]!);
    if (!order.some((at) => take(at, MIN_OTHER, 1))) break;
  }
  take(last, MIN_LAST, Infinity);
  return widths;
}
