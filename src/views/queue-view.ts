import type { DownloadView } from '../agent-api.ts';
import { translate, type Language } from '../language/translate.ts';
import { downloadLines, downloadTable, troubleLines } from './download-lines.ts';
import { FEW } from './download-totals.ts';
import type { ListOptions } from './table.ts';

/**
 * What a person sees of a long queue, in this order: what matters most stands last, next to where the next command is typed.
 * Of each part no more than `most`, its `first` or its `last`.
 */
const PARTS: readonly {
  readonly states: readonly DownloadView['state'][];
  readonly most: number;
  readonly which: 'first' | 'last';
}[] = [
  { states: ['done', 'cancelled'], most: 5, which: 'last' },
  { states: ['queued'], most: 50, which: 'first' },
  { states: ['paused'], most: 20, which: 'first' },
  { states: ['failed'], most: 10, which: 'last' },
  { states: ['connecting', 'verifying'], most: 10, which: 'first' },
  { states: ['transferring'], most: 20, which: 'first' },
];

export interface QueueView {
  readonly lines: readonly string[];
  /** The downloads that have a line, in the order of the lines. */
  readonly shown: readonly DownloadView[];
}

/** The downloads for a person to read: a few as they were asked for, of many what matters, and how many more there are. */
export function queueView(
  language: Language,
  downloads: readonly DownloadView[],
  options: ListOptions,
): QueueView {
  if (downloads.length <= FEW)
    return { lines: downloadLines(language, downloads, options), shown: downloads };
  const shown = PARTS.flatMap(({ states, most, which }) => {
    const all = downloads.filter(({ state }) => states.includes(state));
    return which === 'first' ? all.slice(0, most) : all.slice(-most);
  });
  const isShown = new Set(shown);
  const hidden = downloads.filter((download) => !isShown.has(download));
  const lines = [
    ...downloadTable(language, shown, options),
    ...troubleLines(language, [...shown, ...hidden.filter(({ state }) => state !== 'failed')]),
  ];
  if (hidden.length > 0) lines.push(moreLine(language, hidden));
  return { lines, shown };
}

function moreLine(language: Language, hidden: readonly DownloadView[]): string {
  const count = (...states: readonly DownloadView['state'][]) =>
    hidden.filter(({ state }) => states.includes(state)).length || '';
  return translate(language, 'view.more-downloads', {
    count: hidden.length,
    done: count('done', 'cancelled'),
    failed: count('failed'),
  });
}
