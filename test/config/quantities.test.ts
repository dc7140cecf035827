import test from 'ava';
import { readDuration, readRate, readSize } from '../../src/config/quantities.ts';

const sizes: readonly (readonly [written: unknown, bytes: number | undefined])[] = [
  [0, 0],
  ['10', 10],
  ['10 B', 10],
  ['1k', 1e3],
  ['1 KB', 1e3],
  ['1 KiB', 1024],
  ['2m', 2e6],
  ['2 MB', 2e6],
  ['1.5 MiB', 1.5 * 1024 ** 2],
  ['3g', 3e9],
  ['3 GB', 3e9],
  ['3 GiB', 3 * 1024 ** 3],
  ['4t', 4e12],
  ['4 TB', 4e12],
  ['4 TiB', 4 * 1024 ** 4],
  [' 5 mb ', 5e6],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', undefined],
  [-1, undefined],
  [1.5, 2],
  [Infinity, undefined],
  ['', undefined],
  ['MB', undefined],
  ['1 XB', undefined],
  ['1 constructor', undefined],
  ['1.', undefined],
  ['.5 MB', undefined],
  ['1 2', undefined],
  [null, undefined],
  [true, undefined],
];

for (const [written, bytes] of sizes) {
  test(`a size: ${typeof written} ${String(written)}`, (t) => {
    t.is(readSize(written), bytes);
  });
}

test('a text of more than 40 characters is not read', (t) => {
  for (const read of [readSize, readRate]) {
    t.is(read(`1000${' '.repeat(36)}`), 1000);
    t.is(read(`1000${' '.repeat(37)}`), undefined);
  }
  t.is(readRate(`1000${' '.repeat(34)}/s`), 1000);
  t.is(readRate(`1000${' '.repeat(35)}/s`), undefined);
});

for (const [written, rate] of [
  ['5 MB/s', 5e6],
  ['5 MB / S', 5e6],
  ['5 MB', 5e6],
  [1000, 1000],
  ['999', undefined],
  ['1 KB/h', undefined],
] as const) {
  test(`a rate: ${typeof written} ${written}`, (t) => {
    t.is(readRate(written), rate);
  });
}

for (const [written, ms] of [
  ['500 ms', 500],
  [30, 30_000],
  ['30 s', 30_000],
  ['5 min', 300_000],
  ['1 h', 3_600_000],
  ['2 d', 172_800_000],
  ['1 m', undefined],
  ['-1 s', undefined],
] as const) {
  test(`a duration: ${JSON.stringify(written)}`, (t) => {
    t.is(readDuration(written), ms);
  });
}
