import test from 'ava';
import { FakeAgent } from '../support/fake-agent.ts';
import { prompting } from '../support/prompting.ts';

test('Tab completes, and lists what could be meant', async (t) => {
  const { terminal, type, api } = await prompting(t);
  type('get docs/w');
  await terminal.shows(/> get docs\/w$/);
  type('\t');
  await terminal.shows(/> get "docs\/with space\.txt"$/);
  type('\u0015');
  type('re');
  await terminal.shows(/> re$/);
  type('\t');
  await terminal.shows(/> res$/);
  type('\t');
  await terminal.shows(/resume +resolve +restore\ncompartidos> res$/);
  type('\u0015');
  api.find = async () => {
    const [file] = await FakeAgent.prototype.find.call(api, '*.pdf');
    return ['Zeta one.txt', 'zeta two.txt'].map((path) => ({ ...file!, path }));
  };
  type('get zeta');
  await terminal.shows(/> get zeta$/);
  type('\t');
  await terminal.shows(/"Zeta one\.txt" +"zeta two\.txt"\ncompartidos> get zeta$/);
  t.pass();
});

test('a name that looks like a pattern is completed, too', async (t) => {
  const { terminal, type, api } = await prompting(t);
  api.find = async (query) => {
    const [file] = await FakeAgent.prototype.find.call(api, '*.pdf');
    const names = ['foto [1] a.jpg', 'foto [1] b.jpg'];
    return query === 'foto ' ? names.map((path) => ({ ...file!, path })) : [];
  };
  type('get "foto [');
  await terminal.shows(/> get "foto \[$/);
  type('\t');
  await terminal.shows(/> get "foto \[1\]$/);
  t.pass();
});

test('of very many names some are listed, and all are counted', async (t) => {
  const { terminal, type, api } = await prompting(t);
  api.find = async () => {
    const [file] = await FakeAgent.prototype.find.call(api, '*.pdf');
    return Array.from({ length: 5000 }, (_, at) => ({ ...file!, path: `many/f${at + 1000}` }));
  };
  type('get many/f');
  await terminal.shows(/> get many\/f$/);
  type('\t');
  await terminal.shows(/many\/f1000 [^]*many\/f1059\n… \+4940\ncompartidos> get many\/f$/);
  t.pass();
});

test('Tabs that come together complete and list, and none is taken for text', async (t) => {
  const { terminal, type, api } = await prompting(t);
  type('re\t\t');
  await terminal.shows(/resume +resolve +restore\ncompartidos> res$/);
  type('\u0015bus\t\t\t');
  await terminal.shows(/> buscar$/);
  type('x\r');
  await terminal.shows(/> buscar x\n(.*\n)*compartidos>$/);
  t.deepEqual(api.calls.at(-1), ['find', 'x']);
});
