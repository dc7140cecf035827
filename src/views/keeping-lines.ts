import type { CheckView, ConflictView, RuleTestView, TrashView } from '../agent-api.ts';
import { formatNumber, formatSize, formatTime } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { translate, type Language } from '../language/translate.ts';
import { beginningOf, NUMBER, tableLines, type ListOptions } from './table.ts';

/** Lines for what keeps files safe: conflicts, the trash, the check, and what the rules would do. */

export function conflictLines(
  language: Language,
  conflicts: readonly ConflictView[],
  options: ListOptions = {},
): string[] {
  if (conflicts.length === 0) return [translate(language, 'view.no-conflicts')];
  const title = (name: string) => translate(language, `column.${name}`);
  const { shown, more } = beginningOf(language, conflicts, options);
  const table = tableLines(
    shown,
    [
      ...(options.numbered ? [NUMBER] : []),
      { title: title('device'), spare: 1, cell: ({ device }) => device },
      { title: title('time'), spare: 2, cell: ({ time }) => formatTime(time) },
      { title: title('path'), cut: 'middle', cell: ({ path }) => path },
      { title: title('copy'), cut: 'middle', cell: ({ copy }) => copy },
    ],
    options.width,
  );
  return [...table, ...more];
}

export function trashLines(
  language: Language,
  items: readonly TrashView[],
  options: ListOptions = {},
): string[] {
  if (items.length === 0) return [translate(language, 'view.no-trash')];
  const title = (name: string) => translate(language, `column.${name}`);
  const { shown, more } = beginningOf(language, items, options);
  const table = tableLines(
    shown,
    [
      options.numbered ? NUMBER : { title: title('id'), cut: 'never', cell: ({ id }) => id },
      { title: title('size'), align: 'right', spare: 2, cell: ({ size }) => formatSize(language, size) },
      { title: title('time'), spare: 3, cell: ({ time }) => formatTime(time) },
      {
        title: title('reason'),
        spare: 1,
        cell: ({ reason }) => translate(language, `trash-reason.${reason}`),
      },
      { title: title('path'), cut: 'middle', cell: ({ path }) => path },
    ],
    options.width,
  );
  return [...table, ...more];
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

export function ruleTestLines(
  language: Language,
  tests: readonly RuleTestView[],
  options: ListOptions = {},
): string[] {
  if (tests.length === 0) return [translate(language, 'view.no-rule-effects')];
  const title = (name: string) => translate(language, `column.${name}`);
  const { shown, more } = beginningOf(language, tests, options);
  const table = tableLines(
    shown,
    [
      { title: title('rule'), spare: 2, cell: ({ rule }) => rule },
      { title: title('action'), cell: ({ action }) => translate(language, `action.${action}`) },
      { title: title('from'), spare: 1, cell: ({ from }) => from ?? '' },
      { title: title('path'), cut: 'middle', cell: ({ path }) => path },
      { title: title('why'), cell: ({ why, ...test }) => translate(language, why, test) },
    ],
    options.width,
  );
  return [...table, ...more];
}
