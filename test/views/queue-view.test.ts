import test from 'ava';
import type { DownloadView } from '../../src/agent-api.ts';
import { queueView } from '../../src/views/queue-view.ts';

function downloads(state: DownloadView['state'], count: number, change: Partial<DownloadView> = {}) {
  return Array.from({ length: count }, (_, at): DownloadView => {
    const path = `${state}-${at}`;
    return {
      ...{ id: path, path, target: path, state, bytes: 0, size: 1000, rate: 0, eta: null },
      ...{ from: ['ana'], reason: 'person', error: null, ...change },
    };
  });
}

const error = { code: 'NO_SOURCE', params: { path: 'x' } } as const;

test('a short queue is shown as it was asked for', (t) => {
  const few = [...downloads('transferring', 1), ...downloads('done', 18), ...downloads('queued', 1)];
  const { shown, lines } = queueView('en', few, { numbered: true });
  t.deepEqual(shown, few);
  t.is(lines.length, 21);
});

test('of a long queue what matters is last, with little of what has ended and how many more there are', (t) => {
  const all = [
    ...downloads('transferring', 2),
    ...downloads('done', 498),
    ...downloads('failed', 12, { error: { code: 'SOURCE_CHANGED', params: { path: 'x' } } }),
    ...downloads('paused', 3),
    ...downloads('queued', 4000, { error }),
    ...downloads('connecting', 30),
  ];
  const { shown, lines } = queueView('en', all, { numbered: true });
  const names = shown.map(({ path }) => path);
  t.is(names.length, 5 + 50 + 3 + 10 + 10 + 2);
  t.deepEqual(names.slice(0, 6), ['done-493', 'done-494', 'done-495', 'done-496', 'done-497', 'queued-0']);
  t.deepEqual(names.slice(54, 59), ['queued-49', 'paused-0', 'paused-1', 'paused-2', 'failed-2']);
  t.deepEqual(names.slice(67, 69), ['failed-11', 'connecting-0']);
  t.deepEqual(names.slice(-3), ['connecting-9', 'transferring-0', 'transferring-1']);
  const below = lines.slice(1 + names.length);
  t.is(
    below[0],
    '… 4,000 files wait: no device that is online has them. It will be tried again when one appears.',
  );
  t.is(below.filter((line) => line.startsWith('✗ ')).length, 9);
  t.is(below.at(-1), '… and 4,465 more; ended: 493; failed: 2.');
  t.is(below.length, 11);
});
