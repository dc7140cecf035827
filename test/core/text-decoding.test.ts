import test from 'ava';
import { decodeText } from '../../src/core/text-decoding.ts';

const TEXT = 'año: *.tmp\r\n\u{1f4c1}\n';

test('what editors write is read, with their mark or without it', (t) => {
  const utf16 = Buffer.from(`\ufeff${TEXT}`, 'utf16le');
  for (const bytes of [Buffer.from(TEXT), Buffer.from(`\ufeff${TEXT}`), utf16, Buffer.from(utf16).swap16()])
    t.is(decodeText(bytes), TEXT);
  t.is(decodeText(new Uint8Array()), '');
});

test('what is no text is none', (t) => {
  t.is(decodeText(Buffer.from('a\xf1o', 'latin1')), undefined);
  t.is(decodeText(Buffer.from([0xff, 0xfe, 0x61])), undefined);
});
