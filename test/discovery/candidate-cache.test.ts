import test from 'ava';
import { CandidateCache } from '../../src/discovery/candidate-cache.ts';
import { deviceNamed } from '../support/entries.ts';

const device = deviceNamed('peer');
const announcement = { device, port: 6000, addresses: ['10.0.0.5', '172.17.0.1'], leaving: false };

test('the source address comes first, then what worked last, then what was announced', (t) => {
  const cache = new CandidateCache();
  cache.worked(device, '10.0.0.9', 6001);
  t.deepEqual(
    cache.heard(announcement, '10.0.0.5', 0).map(({ host, port, origin }) => [host, port, origin]),
    [
      ['10.0.0.5', 6000, 'mdns'],
      ['10.0.0.9', 6001, 'remembered'],
      ['172.17.0.1', 6000, 'mdns'],
    ],
  );
});

test('what is repeated is offered once a second, and what has changed at once', (t) => {
  const cache = new CandidateCache();
  t.is(cache.heard(announcement, '10.0.0.5', 0)[0]?.host, '10.0.0.5');
  t.deepEqual(cache.heard(announcement, '10.0.0.5', 999), []);
  t.is(cache.heard(announcement, '10.0.0.6', 999)[0]?.host, '10.0.0.6');
  t.is(cache.heard({ ...announcement, port: 7000 }, '10.0.0.5', 999)[0]?.port, 7000);
  t.is(cache.heard(announcement, '10.0.0.6', 1999)[0]?.host, '10.0.0.6');
});

test('all that is known of a device can be had, the latest source first', (t) => {
  const cache = new CandidateCache();
  cache.heard(announcement, '10.0.0.5', 0);
  cache.heard(announcement, '10.0.0.6', 1);
  t.deepEqual(
    cache.candidatesOf(device).map(({ host }) => host),
    ['10.0.0.6', '10.0.0.5', '172.17.0.1'],
  );
  t.deepEqual(cache.candidatesOf(deviceNamed('unknown')), []);
});

test('one source that forges many crowds out none of the others and causes few offers', (t) => {
  const cache = new CandidateCache();
  cache.heard(announcement, '10.0.0.5', 0);
  let offers = 0;
  for (let number = 0; number < 10_000; number++) {
    const forged = { ...announcement, device: deviceNamed(`forged ${number}`), addresses: [] };
    offers += cache.heard(forged, '10.0.0.66', number / 10).length;
  }
  t.true(cache.size <= 65);
  t.is(cache.candidatesOf(device)[0]?.host, '10.0.0.5');
  t.true(offers <= 128 + 32, `${offers} offers in a second`);
});

test('many sources that forge many are forgotten, the oldest first', (t) => {
  const cache = new CandidateCache();
  for (let number = 0; number < 10_000; number++) {
    cache.heard(
      { ...announcement, device: deviceNamed(`forged ${number}`) },
      `10.0.${number % 250}.${number % 7}`,
      number,
    );
  }
  t.true(cache.size <= 1024);
  t.deepEqual(cache.candidatesOf(deviceNamed('forged 0')), []);
  t.not(cache.candidatesOf(deviceNamed('forged 9999')).length, 0);
});

test('one device announced from many sources keeps the latest few', (t) => {
  const cache = new CandidateCache();
  for (let number = 0; number < 1000; number++) {
    cache.heard(
      { ...announcement, addresses: [] },
      `10.0.${Math.floor(number / 250)}.${number % 250}`,
      number * 100,
    );
  }
  t.is(cache.candidatesOf(device).length, 8);
});

test('of where connections succeeded the latest are remembered', (t) => {
  const cache = new CandidateCache();
  for (let number = 0; number < 1025; number++) cache.worked(deviceNamed(`${number}`), '10.0.0.9', 6000);
  t.deepEqual(cache.candidatesOf(deviceNamed('0')), []);
  t.is(cache.candidatesOf(deviceNamed('1')).length, 1);
});
