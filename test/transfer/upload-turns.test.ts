import test from 'ava';
import type { DeviceId } from '../../src/model/device-id.ts';
import { Bandwidth } from '../../src/transfer/bandwidth.ts';
import { UploadTurns } from '../../src/transfer/upload-turns.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { noLimits } from '../support/no-limits.ts';

const NAMES = ['ana', 'luis', 'eva'];

/** Turns for three connected devices at 1000 bytes a second; `told` says who was told what, in order. */
function turns(perPeer?: number) {
  const clock = new FakeClock();
  const lan = new MemoryLan();
  const self = deviceNamed('self');
  const network = lan.join(self, 'self');
  for (const name of NAMES) lan.join(deviceNamed(name), name);
  lan.connectAll();
  const bandwidth = new Bandwidth(clock, { ...noLimits, up: 1000, perPeer });
  const subject = new UploadTurns({ network, bandwidth, clock });
  const told: string[] = [];
  const ask = (name: string, bytes: number) =>
    void subject
      .wait(deviceNamed(name), bytes)
      .then((mayGo) => told.push(`${name} ${mayGo ? 'goes' : 'busy'}`));
  const leave = (device: DeviceId) => lan.disconnect(self, device);
  return { subject, clock, told, ask, leave };
}

test('of those in line the device goes first whose last turn is longest ago', async (t) => {
  const { clock, told, ask } = turns();
  ask('ana', 2000);
  for (const name of ['ana', 'luis', 'eva', 'luis']) ask(name, 1000);
  await clock.advance(5500);
  t.deepEqual(told, ['ana goes', 'luis goes', 'eva goes', 'ana goes', 'luis goes']);
});

test('who would have to wait for long is told so at once, and who has waited for 6 s then', async (t) => {
  const { clock, told, ask } = turns();
  ask('ana', 3000);
  ask('luis', 5000);
  ask('eva', 10);
  await clock.advance(3500);
  t.deepEqual(told.splice(0), ['ana goes', 'luis goes']);
  ask('ana', 10);
  await clock.advance(0);
  t.deepEqual(told.splice(0), ['ana busy']);
  await clock.advance(2500);
  t.deepEqual(told.splice(0), ['eva busy']);
});

test('who leaves the line is charged nothing', async (t) => {
  const { clock, told, ask, leave } = turns();
  ask('ana', 1000);
  ask('luis', 100_000);
  leave(deviceNamed('luis'));
  ask('eva', 10);
  await clock.advance(1100);
  t.deepEqual(told, ['ana goes', 'luis busy', 'eva goes']);
});

test('a device at its own limit holds up nobody', async (t) => {
  const { clock, told, ask } = turns(100);
  ask('ana', 300);
  ask('ana', 10);
  ask('luis', 10);
  await clock.advance(300);
  t.deepEqual(told, ['ana goes', 'luis goes']);
});

test('stopping sends all away and leaves no timer', async (t) => {
  const { subject, clock, told, ask } = turns();
  ask('ana', 1000);
  ask('luis', 10);
  t.is(clock.pending, 1);
  subject.stop();
  t.is(clock.pending, 0);
  await clock.advance(0);
  t.deepEqual(told, ['ana goes', 'luis busy']);
});
