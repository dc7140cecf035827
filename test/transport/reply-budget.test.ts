import test from 'ava';
import { ReplyBudget } from '../../src/transport/reply-budget.ts';
import { deviceNamed } from '../support/entries.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(deviceNamed) as [never, never, never, never, never];

test('who gets nothing is called when there is something again, in the order of asking', (t) => {
  const budget = new ReplyBudget(100);
  const called: string[] = [];
  const ask = (device: never, bytes: number) => {
    const retry = () => {
      called.push(device);
      budget.take(device, bytes, retry);
    };
    return { retry, isGiven: budget.take(device, bytes, retry) };
  };
  t.true(ask(a, 60).isGiven);
  t.true(ask(b, 40).isGiven);
  t.false(ask(c, 50).isGiven);
  t.false(ask(d, 10).isGiven);
  const { retry } = ask(e, 10);
  budget.forget(retry);
  t.deepEqual(called, []);
  budget.give(a, 60);
  t.deepEqual(called, [c, d]);
  budget.give(c, 50);
  t.deepEqual(called, [c, d]);
  t.true(ask(a, 50).isGiven);
  t.false(ask(e, 1).isGiven);
});

test('who is called and still does not fit waits on', (t) => {
  const budget = new ReplyBudget(100);
  let calls = 0;
  const retry = () => {
    calls += 1;
    budget.take(c, 80, retry);
  };
  t.true(budget.take(a, 50, () => t.fail()));
  t.true(budget.take(b, 50, () => t.fail()));
  t.false(budget.take(c, 80, retry));
  budget.give(a, 50);
  t.is(calls, 1);
  budget.give(b, 50);
  t.is(calls, 2);
  t.false(budget.take(d, 21, () => {}));
  t.true(budget.take(d, 20, () => {}));
});

test('more than there is at all is given to one alone', (t) => {
  const budget = new ReplyBudget(100);
  t.true(budget.take(a, 150, () => t.fail()));
  let isCalled = false;
  t.false(budget.take(b, 1, () => (isCalled = true)));
  budget.give(a, 50);
  t.false(isCalled);
  budget.give(a, 100);
  t.true(isCalled);
});

test('one who takes whatever there is leaves as much to others', (t) => {
  const budget = new ReplyBudget(256);
  const takeAll = (device: never) => {
    let taken = 0;
    while (budget.take(device, 8, () => {})) taken += 8;
    return taken;
  };
  t.is(takeAll(a), 128);
  t.is(takeAll(b), 64);
  t.is(takeAll(c), 32);
  t.true(budget.take(d, 16, () => t.fail()));
});
