import { formatNumber } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { fitMiddle, fitText, padText, textWidth } from '../language/text-width.ts';
import { translate, type Language } from '../language/translate.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Where a cell that is too wide loses something; its end by default. `never` is for what is to be copied. */
  readonly cut?: 'end' | 'middle' | 'never';
  /** Where there is not room for all columns, those with a number here are left out, 1 first. */
  readonly spare?: number;
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
/** What can still be understood of others; those that may be left out are, rather than that any has to be cut to less. */
const GOOD_SPARE = 12;
const GOOD_OTHER = 8;

type Shape = Pick<Column<never>, 'align' | 'cut' | 'spare'> & { readonly natural: number };

/**
 * Rows as aligned lines under a line of titles. What may be left out is, and cells are cut, so that none is wider than
 * `width`; where that cannot be, lines end there, too, unless they hold what is never to be cut.
 */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width = Infinity,
): string[] {
  const measured = columns.map((column) => {
    const cells = [column.title, ...rows.map((row, index) => printable(column.cell(row, index)))];
    return { ...column, cells, natural: cells.reduce((most, cell) => Math.max(most, textWidth(cell)), 0) };
  });
  const kept = withoutSpare(measured, width);
  const widths = fitWidths(kept, width - GAP.length * (kept.length - 1));
  const mayEnd = kept.every(({ cut }) => cut !== 'never');
  return Array.from({ length: 1 + rows.length }, (_, line) => {
    const fitted = kept.map(({ cells, cut, align }, at) => {
      const fit = cut === 'middle' ? fitMiddle : fitText;
      return padText(fit(cells[line]!, widths[at]!), widths[at]!, align);
    });
    const text = fitted.join(GAP).trimEnd();
    return mayEnd ? fitText(text, width) : text;
  });
}

/** Those of `columns` that have room beside each other without being cut to what says nothing. */
function withoutSpare<Kind extends Shape>(columns: readonly Kind[], width: number): readonly Kind[] {
  const least = columns.reduce((sum, column) => sum + leastWidth(column, columns) + GAP.length, -GAP.length);
  const order = (column: Kind) => column.spare ?? Infinity;
  const first = columns.reduce((a, b) => (order(b) < order(a) ? b : a));
  if (least <= width || first.spare === undefined) return columns;
  return withoutSpare(
    columns.filter((column) => column !== first),
    width,
  );
}

/** What a column should have, before anything else is cut to less. */
function leastWidth(column: Shape, columns: readonly Shape[]): number {
  const { natural, cut, spare } = column;
  if (!mayCut(column)) return natural;
  if (cut === 'middle') return Math.min(natural, GOOD_NAME);
  if (column === columns.at(-1)) return Math.min(natural, MIN_LAST);
  return Math.min(natural, spare === undefined ? GOOD_OTHER : GOOD_SPARE);
}

function mayCut({ align, cut }: Shape): boolean {
  return align !== 'right' && cut !== 'never';
}

/** The widths of `columns` with their sum at most `room`, as far as the columns that may be cut can give it. */
function fitWidths(columns: readonly Shape[], room: number): number[] {
  const widths = columns.map(({ natural }) => natural);
  const last = widths.length - 1;
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  const take = (at: number, least: number, most: number) => {
    const taken = mayCut(columns[at]!) ? Math.max(0, Math.min(excess, most, widths[at]! - least)) : 0;
    widths[at]! -= taken;
    excess -= taken;
    return taken > 0;
  };
  const takeFromOthers = (least: (column: Shape) => number) => {
    for (;;) {
      // The widest loses first.
      const order = widths.map((_, at) => at).filter((at) => at !== last);
      order.sort((a, b) => widths[b]! - widths[a]!);
      if (!order.some((at) => take(at, least(columns[at]!), 1))) return;
    }
  };
  take(last, leastWidth(columns[last]!, columns), Infinity);
  takeFromOthers((column) => leastWidth(column, columns));
  take(last, MIN_LAST, Infinity);
  takeFromOthers(() => MIN_OTHER);
  return widths;
}
