import test from 'ava';
import {
  LONG_QUIET_MS,
  ONE_SEGMENT_BYTES,
  QUIET_MS,
  REQUEST_MS,
} from '../../src/transport/classic-request-reader.ts';
import { MAX_CLASSIC_CALLERS, MAX_CLASSIC_CALLERS_PER_ADDRESS } from '../../src/transport/classic-callers.ts';
import { OK_GAP_MS } from '../../src/transport/classic-server.ts';
import { IDLE_MS, PIECE_BYTES } from '../../src/transport/classic-socket.ts';
import { PROBE_NAME } from '../../src/wire/classic/request.ts';
import * as limits from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import { readSource, readVectors } from '../support/vectors.ts';

/** PROTOCOL.md is held to the code: what it says in tables, examples and numbers is what happens. */
const protocol = () => readSource('src/wire/PROTOCOL.md');

test('each example is the vector of its name, and each type of message has one', async (t) => {
  const vectors = await readVectors<{ name: string; frame: string }[]>('frames');
  const frames = new Map(vectors.map(({ name, frame }) => [name, frame]));
  const names: string[] = [];
  for (const [, name, text] of (await protocol()).matchAll(/```hex (.*)\n([^`]*)```/g)) {
    const bytes = text!.replace(/#.*$/gm, '').replace(/\s/g, '');
    t.is(bytes, frames.get(name!) ?? 'no such vector', name);
    names.push(name!);
  }
  t.deepEqual(names.sort(), Object.keys(MESSAGE_TYPES).sort());
});

test('clause 3.5 lists the types as they are', async (t) => {
  const rows = [
    ...(await protocol()).matchAll(/^\| `0x(..)` +\| `([a-z-]+)` +\| ([a-z ]+?) +\| ([\d,]+) +\|$/gm),
  ];
  const places = { 'control,data': 'both', control: 'control', data: 'data', '': 'first on each' };
  t.deepEqual(
    rows.map(([, number, name, where, limit]) => [
      name,
      { number: parseInt(number!, 16), where, maxFrameBytes: Number(limit!.replaceAll(',', '')) },
    ]),
    Object.entries(MESSAGE_TYPES)
      .map(([name, { number, roles, maxFrameBytes }]) => [
        name,
        { number, where: places[roles.join() as keyof typeof places], maxFrameBytes },
      ])
      .sort(([, a], [, b]) => (a as { number: number }).number - (b as { number: number }).number),
  );
});

test('clause 6.1 lists every limit with its value', async (t) => {
  const rows = [...(await protocol()).matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\|/gm)];
  t.deepEqual(Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)])), { ...limits });
});

test('section 7 says the times and sizes that the code keeps to', async (t) => {
  const text = (await protocol()).replace(/\s+/g, ' ');
  for (const said of [
    `nothing more has come for ${QUIET_MS} ms, or for ${LONG_QUIET_MS} ms if the request has more than ${ONE_SEGMENT_BYTES} bytes`,
    `A request that is not complete after ${REQUEST_MS / 1000} s`,
    `SHOULD be ${OK_GAP_MS} ms`,
    `takes nothing of an answer for ${IDLE_MS / 1000} s`,
    `in pieces of no more than ${PIECE_BYTES / 1024} KiB`,
    `answers ${MAX_CLASSIC_CALLERS} in all and ${MAX_CLASSIC_CALLERS_PER_ADDRESS} from one address`,
    `\`BUSCAR:${PROBE_NAME}\` is reserved`,
  ]) {
    t.true(text.includes(said), said);
  }
});

test('every clause that a test quotes exists', async (t) => {
  const text = await protocol();
  const clauses = new Set(
    [...text.matchAll(/^(?:\*\*|###? )(\d(?:\.\d+)?)\b/gm)].map(([, clause]) => clause),
  );
  for (const file of [
    'test/wire/codec.test.ts',
    'test/wire/block-reply.test.ts',
    'test/wire/limits.test.ts',
    'test/wire/message-pack.test.ts',
    'test/wire/file-entry-codec.test.ts',
    'test/wire/frame-decoder.test.ts',
    'test/wire/classic-request.test.ts',
    'test/wire/classic-answer.test.ts',
    'test/wire/first-byte.test.ts',
    'test/wire/vectors.test.ts',
    'test/transport/classic-server.test.ts',
    'test/transport/classic-client.test.ts',
  ]) {
    for (const [, quoted] of (await readSource(file)).matchAll(/\b(?:clauses?|section) ([\d., and]+\d)/g)) {
      for (const clause of quoted!.match(/\d+(\.\d+)?/g)!) t.true(clauses.has(clause), `${file}: ${clause}`);
    }
  }
});
