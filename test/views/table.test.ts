import test from 'ava';
import fc from 'fast-check';
import type { PeerView } from '../../src/agent-api.ts';
import { textWidth } from '../../src/language/text-width.ts';
import { downloadLines } from '../../src/views/download-lines.ts';
import { peerLines } from '../../src/views/peer-lines.ts';
import { tableLines } from '../../src/views/table.ts';

const PEER: PeerView = {
  id: 'AAAAAAA-BBBBBBB',
  name: 'the computer of ana',
  address: 'fe80::1234:5678:9abc:def0%wlp0s20f3',
  port: 6000,
  kind: 'native',
  state: 'online',
  files: 1234,
};

const REST = { rate: 0, eta: null, from: ['ana'], reason: 'person' as const, error: null };

test('a table without a width is as wide as it needs', (t) => {
  t.deepEqual(peerLines('en', [PEER]), [
    'Name                 State   Files  Address                                     Id',
    'the computer of ana  online  1,234  [fe80::1234:5678:9abc:def0%wlp0s20f3]:6000  AAAAAAA-BBBBBBB',
  ]);
});

test('what is widest is cut first, and numbers never', (t) => {
  t.deepEqual(peerLines('en', [PEER], { width: 80 }), [
    'Name                 State   Files  Address                           Id',
    'the computer of ana  online  1,234  [fe80::1234:5678:9abc:def0%wlp0…  AAAAAAA-B…',
  ]);
});

test('of a path its end stays, and what is to be copied is whole', (t) => {
  const path = 'álbum/año 2024/semestre/clase/foto 001.jpg';
  const state = 'queued' as const;
  const download = { ...{ id: '0123456789abcdef', path, target: path, state, bytes: 0, size: 10 }, ...REST };
  for (const width of [80, 60, 40]) {
    const [title, line] = downloadLines('en', [download], { width });
    t.regex(line!, /^0123456789abcdef  .*….*1\.jpg$/);
    t.is(textWidth(title!.slice(0, title!.indexOf('File'))), line!.indexOf(line!.split(/ {2,}/).at(-1)!));
  }
  t.true(textWidth(downloadLines('en', [download], { width: 80 })[1]!) <= 80);
});

test('in a narrow table numbers and names stay, and what matters least is left out first', (t) => {
  const path = 'álbum/año 2024/foto 001.jpg';
  const sizes = { bytes: 4e6, size: 1e7 };
  const download = { ...REST, ...sizes, id: 'd1', path, target: path, state: 'transferring' as const };
  const titles = (width: number) =>
    downloadLines('es', [{ ...download, rate: 12e6, eta: 7 }], { numbered: true, width })[0]!.split(/ {2,}/);
  t.deepEqual(titles(80), ['#', 'Estado', 'Tamaño', 'Hecho', 'Velocidad', 'Desde', 'Archivo']);
  t.deepEqual(titles(70), ['#', 'Estado', 'Tamaño', 'Hecho', 'Velocidad', 'Archivo']);
  t.deepEqual(titles(50), ['#', 'Estado', 'Tamaño', 'Hecho', 'Archivo']);
  t.deepEqual(titles(40), ['#', 'Estado', 'Hecho', 'Archivo']);
  t.deepEqual(titles(30), ['#', 'Estado', 'Archivo']);
  const [, line] = downloadLines('es', [download], { numbered: true, width: 40 });
  t.is(line, '1  transfi…   40 %  álbum/…/foto 001.jpg');
  t.deepEqual(peerLines('en', [PEER], { width: 34 }), [
    'Name                 State   Files',
    'the computer of ana  online  1,234',
  ]);
});

test('no line is wider than the terminal', (t) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text, text)),
      fc.integer({ min: 1, max: 120 }),
      (rows, width) => {
        const columns = [0, 1, 2, 3].map((at) => ({
          title: `title ${at}`,
          align: at % 2 === 0 ? ('left' as const) : ('right' as const),
          cell: (row: readonly string[]) => row[at]!,
        }));
        return tableLines(rows, columns, width).every((line) => textWidth(line) <= width);
      },
    ),
  );
  t.pass();
});
