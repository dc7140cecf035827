import test from 'ava';
import type { IndexUpdate, Message } from '../../src/wire/messages/message.ts';
import { fileEntry } from '../support/entries.ts';
import { plain } from '../support/plain-values.ts';
import { wanted } from '../support/wanted-block.ts';
import { SimulatedWire } from './simulated-wire.ts';

/** A wire, and what goes wrong on it. */
function wire() {
  const problems: string[] = [];
  const onProtocolError = (problem: string) => void problems.push(problem);
  return { wire: new SimulatedWire({ from: 'ana', to: 'luis', onProtocolError }), problems };
}

const update = (entry: Partial<IndexUpdate['entries'][number]> = {}): IndexUpdate => ({
  type: 'index-update',
  indexId: '0123456789abcdef',
  after: 0,
  until: 1,
  entries: [fileEntry('libro.pdf', entry)],
});

test('what is said arrives, as a copy that was made when it was said', (t) => {
  const { wire: way, problems } = wire();
  const bytes = Buffer.from('block');
  const said: Message[] = [
    update(),
    { type: 'block-request', id: 1, blocks: [wanted(5)], compare: false },
    { type: 'block-reply', id: 1, outcomes: ['sent', 'denied'], bytes: [bytes] },
  ];
  for (const message of said) {
    const arrived = way.carry(message, message.type === 'index-update' ? 'control' : 'data')();
    t.deepEqual(plain(arrived), plain(message));
    if (arrived?.type === 'block-reply') t.not(arrived.bytes[0]?.buffer, bytes.buffer);
  }
  t.deepEqual(problems, []);
});

test('what the decoder refuses does not arrive, and it is said who refuses what of whom, and why', (t) => {
  const { wire: way, problems } = wire();
  const take = way.carry(update({ version: [] }), 'control');
  t.deepEqual(problems, []);
  t.is(take(), undefined);
  t.regex(
    problems.join(),
    /^luis refuses index-update of ana: .*MESSAGE_INVALID.*entry\.version.*libro\.pdf/,
  );
});

test('what may not be said on a connection is refused', (t) => {
  const { wire: way, problems } = wire();
  t.is(way.carry(update(), 'data')(), undefined);
  t.regex(problems.join(), /^luis refuses index-update of ana: .*data/);
});

test('what is beyond the limits cannot be sent', (t) => {
  const { wire: way, problems } = wire();
  const bytes = [new Uint8Array(17 * 1024 * 1024)];
  const take = way.carry({ type: 'block-reply', id: 1, outcomes: ['sent'], bytes }, 'data');
  t.regex(problems.join(), /^ana cannot send block-reply to luis: .*limit/);
  t.is(take(), undefined);
});
