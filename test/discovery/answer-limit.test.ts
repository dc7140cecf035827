import test from 'ava';
import { AnswerLimit } from '../../src/discovery/answer-limit.ts';
import { deviceNamed } from '../support/entries.ts';

const device = deviceNamed('me');
const browse = { name: '_compartidos._tcp.local', type: 'PTR' };
const ourPointer = {
  name: browse.name,
  type: 'PTR',
  ttl: 28_800,
  data: `${device}._compartidos._tcp.local`,
};

test('each question is answered at most once a second, however often it is asked', (t) => {
  const answers = new AnswerLimit(device);
  t.is(answers.delay(browse, [], 0), 0);
  t.is(answers.delay(browse, [], 100), 900);
  t.is(answers.delay(browse, [], 200), undefined);
  t.is(answers.delay(browse, [], 999), undefined);
  t.is(answers.delay(browse, [], 1000), 1000);
  t.is(answers.delay({ name: `${device.toLowerCase()}.local`, type: 'A' }, [], 1000), 0);
});

test('an answer that the asker knows is not given', (t) => {
  const answers = new AnswerLimit(device);
  t.is(answers.delay(browse, [ourPointer], 0), undefined);
  t.is(answers.delay(browse, [{ ...ourPointer, ttl: 100 }], 0), 0);
  t.is(answers.delay(browse, [{ ...ourPointer, data: 7 }], 5000), 0);
});

for (const question of [
  { name: '_http._tcp.local', type: 'PTR' },
  { name: `${deviceNamed('other').toLowerCase()}._compartidos._tcp.local`, type: 'SRV' },
  { name: browse.name, type: 'UNKNOWN_7' },
]) {
  test(`nothing is answered to ${question.type} ${question.name}`, (t) => {
    t.is(new AnswerLimit(device).delay(question, [], 0), undefined);
  });
}
