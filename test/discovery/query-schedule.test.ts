import test from 'ava';
import {
  delayToNextRound,
  FIRST_ROUND,
  heardOther,
  heardOurselves,
  takeRound,
  type QuerySchedule,
} from '../../src/discovery/query-schedule.ts';

/** The schedule after a round in which we asked and heard ourselves. */
function asked(schedule: QuerySchedule): QuerySchedule {
  return heardOurselves(takeRound(schedule, 0.5).next);
}

test('rounds come at 0, 1, 2, 4 … s and then every 60 s', (t) => {
  const delays: number[] = [];
  let schedule = FIRST_ROUND;
  for (let round = 0; round < 10; round++) {
    schedule = asked(schedule);
    delays.push(delayToNextRound(schedule, 0) / 1000);
  }
  t.deepEqual(delays, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('jitter shortens a delay by less than a quarter', (t) => {
  const schedule = { ...FIRST_ROUND, round: 20 };
  t.is(delayToNextRound(schedule, 0), 60_000);
  t.is(delayToNextRound(schedule, 1), 45_000);
});

test('after three queries in a row that we do not hear, a second apart, the socket is deaf', (t) => {
  let schedule: QuerySchedule = { ...FIRST_ROUND, round: 20 };
  for (let round = 0; round < 3; round++) {
    const { action, next } = takeRound(schedule, 0.5);
    t.is(action, 'query');
    t.is(delayToNextRound(next, 0), 1000);
    schedule = next;
  }
  t.is(takeRound(schedule, 0.5).action, 'recreate');
  t.is(takeRound(heardOurselves(schedule), 0.5).action, 'query');
});

test('a round is left out when another host has just asked, but not always', (t) => {
  const skipped = takeRound(heardOther(FIRST_ROUND), 0.5);
  t.is(skipped.action, 'skip');
  t.is(takeRound(skipped.next, 0.5).action, 'query');
  t.is(takeRound(heardOther(FIRST_ROUND), 0.03).action, 'query');
  t.is(takeRound(heardOther(FIRST_ROUND), 0.04).action, 'skip');
});

test('others who ask do not hide that we hear nothing of ours', (t) => {
  let schedule: QuerySchedule = takeRound(FIRST_ROUND, 0.5).next;
  schedule = takeRound(schedule, 0.5).next;
  schedule = takeRound(schedule, 0.5).next;
  t.is(takeRound(heardOther(schedule), 0.5).action, 'recreate');
});
