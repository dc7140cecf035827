import test from 'ava';
import { DocumentStore } from '../../src/index/document-store.ts';
import { PatientDocuments } from '../../src/index/patient-documents.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { refuseChanges, testDatabase } from '../support/test-database.ts';

function documents() {
  const database = testDatabase();
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const store = new DocumentStore(database, 'kind');
  return { database, clock, logger, store, patient: new PatientDocuments(store, { clock, logger }) };
}

test('documents are written at once', (t) => {
  const { patient, store, clock } = documents();
  patient.write([['a', 1]]);
  patient.write([['b', 2]]);
  patient.write([['a', undefined]]);
  t.deepEqual([...store.all()], [['b', 2]]);
  t.deepEqual(patient.all(), store.all());
  t.is(clock.pending, 0);
});

test('what the database refuses is written when it takes it, the latest of each', async (t) => {
  const { database, patient, store, clock, logger } = documents();
  patient.write([['gone', 0]]);
  refuseChanges(database, true);
  patient.write([['a', 1]]);
  patient.write([
    ['a', 2],
    ['gone', undefined],
  ]);
  await clock.advance(10_000);
  t.deepEqual([...store.all()], [['gone', 0]]);
  t.true(logger.events.some(({ event }) => event === 'index.unwritable'));
  refuseChanges(database, false);
  await clock.advance(2000);
  t.deepEqual([...store.all()], [['a', 2]]);
  t.is(clock.pending, 0);
});

test('it ends with a last try, and without a timer', async (t) => {
  const { database, patient, store, clock } = documents();
  refuseChanges(database, true);
  patient.write([['a', 1]]);
  refuseChanges(database, false);
  await patient.stop();
  t.deepEqual([...store.all()], [['a', 1]]);
  refuseChanges(database, true);
  patient.write([['a', 2]]);
  await patient.stop();
  t.is(clock.pending, 0);
});
