import test from 'ava';
import { statusLines } from '../../src/views/status-lines.ts';
import { FakeAgent } from '../support/fake-agent.ts';

test('it is said whether the folder is being scanned, and how much is still to be read', async (t) => {
  const status = await new FakeAgent().status();
  const said = (changes: Partial<typeof status>, language: 'en' | 'es' = 'en') =>
    statusLines(language, { ...status, ...changes });
  t.true(said({}).includes('State          ready'));
  t.true(said({ ready: false, reading: 3 }).includes('State          scanning the folder'));
  t.true(said({ reading: 1234 }).includes('State          ready; files still to be read: 1,234'));
  t.true(said({ reading: 1234 }, 'es').some((line) => line.endsWith('listo; archivos por leer: 1234')));
});
