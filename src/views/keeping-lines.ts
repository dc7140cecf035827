import type { CheckView, ConflictView, RuleTestView, TrashView } from '../agent-api.ts';
import { formatNumber, formatSize, formatTime } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { translate, type Language } from '../language/translate.ts';
import { NUMBER, tableLines } from './table.ts';

export interface ListOptions {
  /** Numbers the lines from 1. */
  readonly numbered?: boolean;
  readonly width?: number;
}

/** Lines for what keeps files safe: conflicts, the trash, the check, and what the rules would do. */

export function conflictLines(
  language: Language,
  conflicts: readonly ConflictView[],
  options: ListOptions = {},
): string[] {
  if (conflicts.length === 0) return [translate(language, 'view.no-conflicts')];
  const title = (name: string) => translate(language, `column.${name}`);
  return tableLines(
    conflicts,
    [
      ...(options.numbered ? [NUMBER] : []),
      { title: title('device'), cell: ({ device }) => device },
      { title: title('time'), cell: ({ time }) => formatTime(time) },
      { title: title('path'), cell: ({ path }) => path },
      { title: title('copy'), cell: ({ copy }) => copy },
    ],
    options.width,
  );
}

export function trashLines(
  language: Language,
  items: readonly TrashView[],
  options: ListOptions = {},
): string[] {
  if (items.length === 0) return [translate(language, 'view.no-trash')];
  const title = (name: string) => translate(language, `column.${name}`);
  return tableLines(
    items,
    [
      options.numbered ? NUMBER : { title: title('id'), cell: ({ id }) => id },
      { title: title('size'), align: 'right', cell: ({ size }) => formatSize(language, size) },
      { title: title('time'), cell: ({ time }) => formatTime(time) },
      { title: title('reason'), cell: ({ reason }) => translate(language, `trash-reason.${reason}`) },
      { title: title('path'), cell: ({ path }) => path },
    ],
    options.width,
  );
}

export function checkLines(language: Language, check: CheckView): string[] {
  const fillings = {
    files: formatNumber(language, check.files),
    size: formatSize(language, check.bytes),
    corrupt: formatNumber(language, check.corrupt.length),
  };
  if (check.corrupt.length === 0) return [translate(language, 'view.check-fine', fillings)];
  return [
    translate(language, 'view.check-corrupt', fillings),
    ...check.corrupt.map((path) => `  ${printable(path)}`),
  ];
}

export function ruleTestLines(language: Language, tests: readonly RuleTestView[], width?: number): string[] {
  if (tests.length === 0) return [translate(language, 'view.no-rule-effects')];
  const title = (name: string) => translate(language, `column.${name}`);
  return tableLines(
    tests,
    [
      { title: title('rule'), cell: ({ rule }) => rule },
      { title: title('action'), cell: ({ action }) => translate(language, `action.${action}`) },
      { title: title('from'), cell: ({ from }) => from ?? '' },
      { title: title('path'), cell: ({ path }) => path },
      { title: title('why'), cell: ({ why, ...test }) => translate(language, why, test) },
    ],
    width,
  );
}
