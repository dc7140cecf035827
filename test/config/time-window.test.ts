import test from 'ava';
import { readTimeWindow } from '../../src/config/time-window.ts';

const ALL = [0, 1, 2, 3, 4, 5, 6];

test('a text of more than 80 characters is not read', (t) => {
  t.not(readTimeWindow(`08:00-18:00${' '.repeat(69)}`), undefined);
  t.is(readTimeWindow(`08:00-18:00${' '.repeat(70)}`), undefined);
});

for (const [text, days, from, until] of [
  ['08:00-18:00', ALL, 480, 1080],
  ['22:00-06:00', ALL, 1320, 360],
  [' 0:00 - 24:00 ', ALL, 0, 1440],
  ['Mo-Fr 08:00-18:00', [1, 2, 3, 4, 5], 480, 1080],
  ['Fr-Mo 08:59-09:00', [0, 1, 5, 6], 539, 540],
  ['sa,SU 10:00-12:30', [0, 6], 600, 750],
  ['Mo,We-Th,Mo 10:00-12:30', [1, 3, 4], 600, 750],
  ['We-We 10:00-12:30', [3], 600, 750],
] as const) {
  test(`a window: ${text}`, (t) => {
    t.deepEqual(readTimeWindow(text), { days: [...days], from, until });
  });
}

for (const text of [
  '',
  'Mo',
  '8-9',
  '08:00',
  '08:00-08:00',
  '24:00-08:00',
  '08:00-24:01',
  '08:60-09:00',
  '08:00-09:60',
  '25:00-26:00',
  'Mo- 08:00-18:00',
  '-Fr 08:00-18:00',
  'Mo-We-Fr 08:00-18:00',
  'Mo, 08:00-18:00',
  'Xx 08:00-18:00',
  'Mo-Xx 08:00-18:00',
  'Mo Fr 08:00-18:00',
]) {
  test(`no window: ${text}`, (t) => {
    t.is(readTimeWindow(text), undefined);
  });
}
