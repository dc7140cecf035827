import test from 'ava';
import { tooMany } from '../../src/agent/status.ts';
import { NO_TOTALS } from '../../src/index/entry-table.ts';

test('a person is told before there is more than others keep of one device', (t) => {
  const told = (entries: number) => tooMany({ totals: () => ({ ...NO_TOTALS, entries }) }, '/state');
  t.deepEqual(told(1_499_999), []);
  const fields = { count: 1_500_000, limit: 2_000_000, file: '/state/index.db' };
  t.deepEqual(told(1_500_000), [{ event: 'index.too-many', fields }]);
});
