import test from 'ava';
import { Emitter } from '../../src/core/emitter.ts';
import { Callers } from '../../src/transport/callers.ts';
import type { Connection, ConnectionEvents } from '../../src/transport/connection.ts';

function caller(address: string): Connection {
  return { secure: { address }, events: new Emitter<ConnectionEvents>() } as unknown as Connection;
}

test('32 callers of one address may wait, and 256 in all, until they are placed or gone', (t) => {
  const callers = new Callers();
  const waiting: Connection[] = [];
  for (let host = 0; host < 8; host += 1) {
    for (let count = 0; count < 32; count += 1) {
      t.true(callers.hasRoom(`192.0.2.${host}`));
      const connection = caller(`192.0.2.${host}`);
      waiting.push(connection);
      callers.add(connection);
    }
    t.false(callers.hasRoom(`192.0.2.${host}`));
  }
  t.false(callers.hasRoom('192.0.2.8'));
  waiting[0]!.events.emit('closed', 'gone');
  t.true(callers.hasRoom('192.0.2.8'));
  t.true(callers.hasRoom('192.0.2.0'));
  t.false(callers.hasRoom('192.0.2.1'));
  callers.placed(waiting[32]!);
  t.true(callers.hasRoom('192.0.2.1'));
});
