import test from 'ava';
import { isTimeHeld } from '../../src/index/held-time.ts';

const us = (text: string) => Date.parse(text) * 1000;

for (const [what, given, shown, isHeld] of [
  ['exactly', us('2026-11-29T10:00:00.123Z') + 456, us('2026-11-29T10:00:00.123Z') + 456, true],
  ['in steps of 10 ms', us('2026-11-29T10:00:00.123Z') + 456, us('2026-11-29T10:00:00.120Z'), true],
  ['in steps of 2 s', us('2026-11-29T10:00:01.999Z'), us('2026-11-29T10:00:00Z'), true],
  [
    'in the steps of Node.js on Windows',
    us('2026-11-29T10:00:00Z') + 237,
    us('2026-11-29T10:00:00Z') + 236,
    true,
  ],
  ['not many of those earlier', us('2026-11-29T10:00:00Z') + 237, us('2026-11-29T10:00:00Z') + 233, false],
  ['before 1970 as Node.js tells it on Windows', -1_500_000, 2 ** 32 * 1e6 - 1_500_000, true],
  [
    'after 2106 as Node.js tells it on Windows',
    us('2107-01-01T00:00:00Z'),
    us('2107-01-01T00:00:00Z') - 2 ** 32 * 1e6,
    true,
  ],
  ['not 2 s earlier', us('2026-11-29T10:00:02Z'), us('2026-11-29T10:00:00Z'), false],
  ['not later', us('2026-11-29T10:00:00Z'), us('2026-11-29T10:00:01Z'), false],
  ['not by a disk that holds each µs', us('2026-11-29T10:00:01Z'), us('2026-11-29T10:00:00.123Z') + 1, false],
  ['as the first second of 32 bits', us('1601-01-01T00:00:00Z'), us('1901-12-13T20:45:52Z'), true],
  [
    'as the first second of FAT, east of Greenwich',
    us('1970-01-01T00:00:00Z'),
    us('1979-12-31T12:00:00Z'),
    true,
  ],
  ['as the last second of 32 bits', us('2100-01-01T00:00:00Z'), us('2038-01-19T03:14:07Z'), true],
  ['as the last time that ext4 has', Number.MAX_SAFE_INTEGER, us('2446-05-10T22:38:55Z'), false],
  ['not as any time between', us('1601-01-01T00:00:00Z'), us('1990-01-01T00:00:00Z'), false],
] as const) {
  test(`a time is held ${what}`, (t) => {
    t.is(isTimeHeld(given, shown), isHeld);
  });
}
