import test from 'ava';
import { ReplyBudget } from '../../src/transport/reply-budget.ts';

test('who gets nothing is called when there is something again, in the order of asking', (t) => {
  const budget = new ReplyBudget(100);
  const called: string[] = [];
  const ask = (name: string, bytes: number) => {
    const retry = () => {
      called.push(name);
      budget.take(bytes, retry);
    };
    return { retry, isGiven: budget.take(bytes, retry) };
  };
  t.true(ask('a', 60).isGiven);
  t.true(ask('b', 40).isGiven);
  t.false(ask('c', 50).isGiven);
  t.false(ask('d', 10).isGiven);
  const { retry } = ask('e', 10);
  budget.forget(retry);
  t.deepEqual(called, []);
  budget.give(60);
  t.deepEqual(called, ['c', 'd']);
  budget.give(50);
  t.deepEqual(called, ['c', 'd']);
  t.true(ask('f', 50).isGiven);
  t.false(ask('g', 1).isGiven);
});

test('who is called and still does not fit waits on', (t) => {
  const budget = new ReplyBudget(100);
  let calls = 0;
  const retry = () => {
    calls += 1;
    budget.take(80, retry);
  };
  t.true(budget.take(50, () => t.fail()));
  t.true(budget.take(50, () => t.fail()));
  t.false(budget.take(80, retry));
  budget.give(50);
  t.is(calls, 1);
  budget.give(50);
  t.is(calls, 2);
  t.false(budget.take(21, () => {}));
  t.true(budget.take(20, () => {}));
});

test('more than there is at all is given to one alone', (t) => {
  const budget = new ReplyBudget(100);
  t.true(budget.take(150, () => t.fail()));
  let isCalled = false;
  t.false(budget.take(1, () => (isCalled = true)));
  budget.give(50);
  t.false(isCalled);
  budget.give(100);
  t.true(isCalled);
});
