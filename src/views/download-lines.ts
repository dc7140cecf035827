import type { DownloadView } from '../agent-api.ts';
import { explainError } from '../language/explain-error.ts';
import { formatPercent, formatRate, formatSeconds, formatSize } from '../language/quantities.ts';
import { translate, type Language } from '../language/translate.ts';
import { printable } from '../language/printable.ts';
import { fitMiddle, fitText, padText, textWidth } from '../language/text-width.ts';
import { NUMBER, tableLines, type ListOptions } from './table.ts';

/** Errors that are told below a list, one by one. */
const MAX_ERRORS = 10;

/** Downloads as a table, and below it why some of those shown do not go on or have failed. */
export function downloadLines(
  language: Language,
  downloads: readonly DownloadView[],
  options: ListOptions = {},
): string[] {
  if (downloads.length === 0) return [translate(language, 'view.no-downloads')];
  return [...downloadTable(language, downloads, options), ...troubleLines(language, downloads)];
}

export function downloadTable(
  language: Language,
  downloads: readonly DownloadView[],
  options: ListOptions,
): string[] {
  const title = (name: string) => translate(language, `column.${name}`);
  return tableLines(
    downloads,
    [
      options.numbered ? NUMBER : { title: title('id'), cut: 'never', cell: ({ id }) => id },
      { title: title('state'), cell: ({ state }) => translate(language, `state.${state}`) },
      { title: title('size'), align: 'right', spare: 3, cell: ({ size }) => formatSize(language, size) },
      { title: title('done'), align: 'right', spare: 4, cell: donePercent },
      { title: title('rate'), align: 'right', spare: 2, cell: (download) => pace(language, download) },
      { title: title('from'), spare: 1, cell: ({ from }) => from.join(', ') },
      { title: title('path'), cut: 'middle', cell: placeOf },
    ],
    options.width,
  );
}

/** Why some of these do not go on or have failed. */
export function troubleLines(language: Language, downloads: readonly DownloadView[]): string[] {
  const failed = downloads.filter(({ state }) => state === 'failed');
  const troubles = [
    ...waitingLines(language, downloads),
    ...failed.flatMap((download) => finishedLine(language, download) ?? []),
  ];
  return [...new Set(troubles)].slice(0, MAX_ERRORS);
}

/** Lines that say why some of these do not go on; one for all that nobody has who is online. */
export function waitingLines(language: Language, downloads: readonly DownloadView[]): string[] {
  const sourceless = downloads.filter(isSourceless);
  const isSummed = sourceless.length > 1;
  const others = isSummed ? downloads.filter((download) => !isSourceless(download)) : downloads;
  const lines = others.flatMap((download) => waitingLine(language, download) ?? []);
  return isSummed
    ? [translate(language, 'view.many-waiting', { count: sourceless.length }), ...lines]
    : lines;
}

/** Whether it waits until somebody comes who has it. */
export function isSourceless({ state, error }: DownloadView): boolean {
  return state === 'queued' && error?.code === 'NO_SOURCE';
}

/** One line for the end of a download, or undefined while it is under way. */
export function finishedLine(language: Language, download: DownloadView): string | undefined {
  const fillings = { path: download.path, target: download.target, from: download.from.join(', ') };
  if (download.state === 'done') {
    return translate(
      language,
      download.target === download.path ? 'view.done' : 'view.done-elsewhere',
      fillings,
    );
  }
  if (download.state === 'failed') {
    const error = download.error ? explainError(language, download.error) : '';
    return translate(language, 'view.failed', { ...fillings, error });
  }
  return download.state === 'cancelled' ? translate(language, 'view.cancelled', fillings) : undefined;
}

/** One line that says why a download does not go on, or undefined when nothing holds it up. */
export function waitingLine(language: Language, { path, state, error }: DownloadView): string | undefined {
  if (!error || (state !== 'queued' && state !== 'paused')) return undefined;
  return translate(language, 'view.waiting', { path, error: explainError(language, error) });
}

const BAR_WIDTH = 20;
/** Columns for `999.9 MB/s  9:59:59`: whatever a download does, its bar stands where those of the others do. */
const FACTS_WIDTH = 19;
const MIN_NAME = 8;
const MAX_NAME = 40;

/** `photo.jpg  ████████░░░░  45 %  12.3 MB/s  0:07`, in at most `width` columns. */
export function progressLine(language: Language, download: DownloadView, width: number): string {
  const known = download.size === 0 ? 1 : Math.min(1, download.bytes / download.size);
  const share = isSizeUnknown(download) ? 0 : known;
  const full = Math.floor(share * BAR_WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  const moving = download.state === 'transferring';
  const facts = moving ? pace(language, download) : translate(language, `state.${download.state}`);
  const right = `  ${bar}  ${donePercent(download).padStart(5)}  `;
  const room = Math.min(MAX_NAME, Math.max(MIN_NAME, width - textWidth(right) - FACTS_WIDTH));
  return fitText(padText(fitMiddle(printable(download.path), room), room) + right + facts, width);
}

function donePercent(download: DownloadView): string {
  return isSizeUnknown(download) ? '–' : formatPercent(download.bytes, download.size);
}

/** Classic peers do not say how large a file is: until it is here, its size is what has come of it. */
export function isSizeUnknown({ state, bytes, size }: DownloadView): boolean {
  return bytes >= size && state !== 'verifying' && state !== 'done';
}

function pace(language: Language, { state, rate, eta }: DownloadView): string {
  if (state !== 'transferring') return '';
  const left = eta === null ? '' : `  ${formatSeconds(eta)}`;
  return formatRate(language, rate) + left;
}

function placeOf({ path, target }: DownloadView): string {
  return target === path ? path : `${path} → ${target}`;
}
