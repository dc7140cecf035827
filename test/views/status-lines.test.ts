import test from 'ava';
import { statusLines } from '../../src/views/status-lines.ts';
import { FakeAgent } from '../support/fake-agent.ts';

test('it is said how far the folder has been read, and how many of the others are online', async (t) => {
  const agent = new FakeAgent();
  const status = await agent.status();
  const peers = await agent.peers();
  const said = (changes: Partial<typeof status>, language: 'en' | 'es' = 'en') =>
    statusLines(language, { ...status, ...changes }, peers);
  t.true(said({}).includes('State          ready'));
  t.true(said({ ready: false, reading: 3 }).includes('State          scanning the folder'));
  t.true(said({ reading: 1234 }).includes('State          ready; files still to be read: 1,234'));
  t.true(said({ reading: 1234 }, 'es').some((line) => line.endsWith('listo; archivos por leer: 1234')));
  t.true(said({}).includes('Peers          1 of 2 online'));
  t.true(said({}, 'es').some((line) => /^Equipos +1 en línea de 2$/.test(line)));
  const problems = [{ event: 'error.FOLDER_MISSING', fields: { folder: '/f', reason: 'ENOENT' } }];
  t.true(said({ problems }).includes('State          waiting for the shared folder'));
});
