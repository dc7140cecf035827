import test from 'ava';
import { Interruption } from '../../src/transfer/interruption.ts';

test('it comes once, to all who listen and have not stopped to', (t) => {
  const interruption = new Interruption();
  const heard: string[] = [];
  interruption.on(() => heard.push('one'));
  const forget = interruption.on(() => heard.push('two'));
  interruption.on(() => heard.push('three'));
  forget();
  t.notThrows(() => interruption.demandNone());
  t.is(interruption.reason, undefined);
  interruption.interrupt();
  interruption.interrupt();
  t.deepEqual(heard, ['one', 'three']);
  t.is(interruption.reason?.code, 'ABORTED');
  t.throws(() => interruption.demandNone(), { is: interruption.reason! });
});

test('it is a signal, before and after', (t) => {
  const interruption = new Interruption();
  const before = interruption.toSignal();
  t.false(before.aborted);
  interruption.interrupt();
  t.is(before.reason, interruption.reason);
  t.is(interruption.toSignal().reason, interruption.reason);
});
