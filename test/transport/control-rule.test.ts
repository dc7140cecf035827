import test from 'ava';
import { judgeCall, type Situation, type Verdict } from '../../src/transport/control-rule.ts';

const TABLE: readonly [Situation, Verdict][] = [
  [{ oursIsSmaller: true, sessionInstance: undefined, isCalling: false, instance: 'x' }, 'accept'],
  [{ oursIsSmaller: true, sessionInstance: undefined, isCalling: true, instance: 'x' }, 'wait'],
  [{ oursIsSmaller: false, sessionInstance: undefined, isCalling: false, instance: 'x' }, 'accept'],
  [{ oursIsSmaller: false, sessionInstance: undefined, isCalling: true, instance: 'x' }, 'accept'],
  [{ oursIsSmaller: true, sessionInstance: 'x', isCalling: false, instance: 'x' }, 'probe'],
  [{ oursIsSmaller: false, sessionInstance: 'x', isCalling: false, instance: 'x' }, 'replace'],
  [{ oursIsSmaller: true, sessionInstance: 'old', isCalling: false, instance: 'x' }, 'replace'],
  [{ oursIsSmaller: false, sessionInstance: 'old', isCalling: false, instance: 'x' }, 'replace'],
];

for (const [situation, verdict] of TABLE) {
  test(`${JSON.stringify(situation)}: ${verdict}`, (t) => t.is(judgeCall(situation), verdict));
}

test('two that call each other at once never both wait and never both turn the other away', (t) => {
  const calling = { sessionInstance: undefined, isCalling: true, instance: 'x' };
  const verdicts = [true, false].map((oursIsSmaller) => judgeCall({ ...calling, oursIsSmaller }));
  t.deepEqual(verdicts, ['wait', 'accept']);
});
