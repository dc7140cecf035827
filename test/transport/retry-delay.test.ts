import test from 'ava';
import { failuresWorth } from '../../src/transport/retry-delay.ts';

test('a session that was settled was no failure, unless the protocol or the peer says otherwise', (t) => {
  for (const [reason, lasted, worth] of [
    ['closed', 4_999, 'one-more'],
    ['closed', 5_000, 0],
    ['silent', 60_000, 0],
    ['goodbye.duplicate', 0, 'one-more'],
    ['goodbye.stopping', 60_000, 3],
    ['goodbye.denied', 60_000, 8],
    ['goodbye.incompatible', 0, 8],
    ['goodbye.protocol-error', 60_000, 8],
    ['own.protocol-error.FRAME_INVALID', 60_000, 8],
  ] as const) {
    t.is(failuresWorth(reason, lasted), worth, reason);
  }
});
