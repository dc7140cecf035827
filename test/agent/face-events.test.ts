import test from 'ava';
import type { AgentEvents, DownloadView } from '../../src/agent-api.ts';
import { FaceEvents } from '../../src/agent/face-events.ts';
import type { FaceEventsParts } from '../../src/agent/face-events.ts';
import { Emitter } from '../../src/core/emitter.ts';
import type { DownloadsEvents } from '../../src/transfer/download-telling.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('a download is told of at once, and many within a moment once each, as they are then', async (t) => {
  const clock = new FakeClock();
  const events = new Emitter<AgentEvents>();
  const changed = new Emitter<DownloadsEvents>();
  const silent = { events: new Emitter() };
  const faces = new FaceEvents({
    ...{ events, clock, catalogue: silent, classicPeers: silent, index: silent },
    downloads: { events: changed },
  } as unknown as FaceEventsParts);
  await faces.start();
  const told: string[] = [];
  events.on('download', ({ id, state }) => told.push(`${id} ${state}`));
  const states: Record<string, DownloadView['state']> = {};
  const change = (id: string, state: DownloadView['state']) => {
    states[id] = state;
    changed.emit('changed', { id, state, view: () => ({ id, state: states[id] }) as DownloadView });
  };

  /** What is told within 100 ms of so many that begin. */
  const queue = async (count: number) => {
    for (let one = 0; one < count; one += 1) change(`${one}`, 'queued');
    await clock.advance(100);
    return told.splice(0);
  };

  change('a', 'queued');
  t.deepEqual(told.splice(0), ['a queued']);
  change('a', 'transferring');
  change('b', 'queued');
  change('a', 'done');
  change('b', 'transferring');
  t.deepEqual(told.splice(0), []);
  await clock.advance(100);
  t.deepEqual(told.splice(0), ['a done', 'b transferring']);
  await clock.advance(1000);
  change('b', 'done');
  t.deepEqual(told.splice(0), ['b done']);
  t.is((await queue(500)).length, 500);
  change('c', 'queued');
  await clock.advance(400);
  t.deepEqual(told, []);
  await clock.advance(100);
  t.deepEqual(told.splice(0), ['c queued']);
  change('c', 'done');
  await clock.advance(100);
  t.deepEqual(told.splice(0), ['c done']);
  t.is((await queue(5001)).length, 5000);
  change('5000', 'done');
  await clock.advance(1000);
  t.deepEqual(told.splice(0), ['5000 done']);
  await clock.advance(1000);
  change('d', 'queued');
  change('d', 'done');
  t.deepEqual(told.splice(0), ['d queued']);
  await faces.stop();
  t.deepEqual(told, ['d done']);
  t.is(clock.pending, 0);
});
