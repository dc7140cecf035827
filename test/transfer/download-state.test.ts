import test from 'ava';
import { isActive, nextState } from '../../src/transfer/download-state.ts';
import type { DownloadEvent, DownloadState } from '../../src/transfer/download-state.ts';

const TABLE: Record<DownloadState, Record<DownloadEvent, DownloadState | '-'>> = {
  queued: row('connecting', '-', '-', '-', '-', 'paused', '-', 'failed', 'cancelled'),
  connecting: row('-', 'transferring', 'verifying', '-', 'queued', 'paused', '-', 'failed', 'cancelled'),
  transferring: row('-', '-', 'verifying', '-', 'queued', 'paused', '-', 'failed', 'cancelled'),
  verifying: row('-', '-', '-', 'done', 'queued', 'paused', '-', 'failed', '-'),
  paused: row('-', '-', '-', '-', '-', '-', 'queued', '-', 'cancelled'),
  done: row('-', '-', '-', '-', '-', '-', '-', '-', '-'),
  failed: row('-', '-', '-', '-', '-', '-', 'queued', '-', 'cancelled'),
  cancelled: row('-', '-', '-', '-', '-', '-', '-', '-', '-'),
};

function row(...states: (DownloadState | '-')[]): Record<DownloadEvent, DownloadState | '-'> {
  const events: DownloadEvent[] = [
    'started',
    'received',
    'completed',
    'placed',
    'interrupted',
    'paused',
    'resumed',
    'gave-up',
    'cancelled',
  ];
  return Object.fromEntries(events.map((event, index) => [event, states[index]!])) as Record<
    DownloadEvent,
    DownloadState | '-'
  >;
}

for (const [state, events] of Object.entries(TABLE) as [DownloadState, (typeof TABLE)[DownloadState]][]) {
  test(`what happens to a download that is ${state}`, (t) => {
    for (const [event, next] of Object.entries(events) as [DownloadEvent, DownloadState | '-'][]) {
      t.is(nextState(state, event) ?? '-', next, event);
    }
  });
}

test('what has ended is not active', (t) => {
  const active = (Object.keys(TABLE) as DownloadState[]).filter(isActive);
  t.deepEqual(active, ['queued', 'connecting', 'transferring', 'verifying', 'paused']);
});
