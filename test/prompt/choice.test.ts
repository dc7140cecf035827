import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { FakeAgent } from '../support/fake-agent.ts';
import { prompting } from '../support/prompting.ts';

test('of a long list a part is shown, and a number means what stands by it', async (t) => {
  const { terminal, type, api } = await prompting(t);
  await api.get([{ path: 'docs/report.pdf' }]);
  const { d1 } = Object.fromEntries(api.downloads);
  for (let at = 0; at < 5000; at += 1)
    api.downloads.set(`e${at}`, {
      ...d1!,
      id: `e${at}`,
      path: `file ${at}`,
      target: `file ${at}`,
      state: at < 3000 ? 'done' : 'queued',
    });
  api.downloads.set('t', { ...d1!, id: 't', path: 'now', target: 'now', state: 'transferring' });
  type('queue\r');
  await terminal.shows(/\n +5 +done .*file 2999\n +6 +queued .*report\.pdf\n +7 +queued .*file 3000\n/);
  await terminal.shows(/\n56 +transferring .*now\n… and 4,946 more; ended: 2,995\.\ncompartidos>$/);
  type('cancel 7\r');
  await terminal.shows(/Cancelled: 1\./);
  t.deepEqual(api.calls.at(-1), ['cancel', ['e3000']]);
  api.trash = async () => {
    const [item] = await FakeAgent.prototype.trash.call(api);
    return Array.from({ length: 3000 }, (_, at) => ({ ...item!, id: `t${at}` }));
  };
  type('trash\r');
  await terminal.shows(/\n100 .*old\.txt\n… and 2,900 more\.\ncompartidos>$/);
});

test('names with spaces need no quotes, not even with the word before a device in them', async (t) => {
  const { terminal, type, api } = await prompting(t, 'es');
  const names = ['Prueba de  historia.docx', 'tarea 2', 'carta de ana', 'a', 'b'];
  const got: unknown[] = [];
  api.get = async (selectors, { from } = {}) => {
    for (const { path } of selectors)
      if (!names.includes(path)) throw new CompartidosError('NOT_FOUND', { what: 'file', name: path });
    if (from !== undefined && from !== 'ana')
      throw new CompartidosError('NOT_FOUND', { what: 'peer', name: from });
    got.push([...selectors.map(({ path }) => path), from]);
    return selectors.map(() => ({}) as never);
  };
  for (const [line, meant] of [
    ['bajar Prueba de  historia.docx', ['Prueba de  historia.docx', undefined]],
    ['bajar Prueba de  historia.docx de ana', ['Prueba de  historia.docx', 'ana']],
    ['bajar tarea 2', ['tarea 2', undefined]],
    ['bajar tarea 2 de ana', ['tarea 2', 'ana']],
    ['bajar carta de ana', ['carta de ana', undefined]],
    ['bajar a de ana', ['a', 'ana']],
    ['bajar a b', ['a', 'b', undefined]],
  ] as const) {
    type(`${line}\r`);
    await terminal.shows(/En espera para descargar: \d\.\ncompartidos>$/);
    t.deepEqual(got.pop(), meant, line);
    type('xyzzyxyzzy\r');
    await terminal.shows(/No existe la orden xyzzyxyzzy\.\n.*\ncompartidos>$/);
  }
  type('bajar nada de nada\r');
  await terminal.shows(/No existe el archivo «nada»\..*\ncompartidos>$/);
  type('bajar "tarea" "2"\r');
  await terminal.shows(/No existe el archivo «tarea»\..*\ncompartidos>$/);
});

test('what is missing in a command is said, with an example', async (t) => {
  const { terminal, type, api } = await prompting(t, 'es');
  for (const [line, answer] of [
    ['bajar', 'bajar: diga qué, por ejemplo «bajar 1-3 de ana».'],
    ['resolver', 'resolver: diga qué, por ejemplo «resolver 1 nuestro».'],
    ['bajar fotos.zip de', 'Diga qué equipo después de «de», por ejemplo «bajar 1-3 de ana».'],
    ['bajar fotos.zip --from ana', 'Aquí no hay opciones: escriba «de ana» al final.'],
    ['bajar 1', 'No existe el resultado «1». No hay nada en la lista: «buscar» muestra lo que hay.'],
    ['cancelar 1', 'No existe el resultado «1». No hay nada en la lista: «cola» muestra lo que hay.'],
    ['cancelar x', 'No existe la descarga «x». «cola» muestra las que hay.'],
    ['restaurar 7', 'No existe el resultado «7». La última lista de «papelera» llega hasta 1.'],
  ]) {
    type(`${line}\r`);
    await terminal.shows(new RegExp(`> ${line}\\n${answer!.replaceAll('.', '\\.')}\\n[^>]*compartidos>$`));
  }
  type('buscar\r');
  await terminal.shows(/\n5 +500 B .*notes\.txt\ncompartidos>$/);
  type('bajar 99\r');
  await terminal.shows(/«99»\. La última lista de «buscar» llega hasta 5\.\n/);
  type('listar\r');
  await terminal.shows(/\n2 +500 B .*notes\.txt\ncompartidos>$/);
  type('bajar 99\r');
  await terminal.shows(/«99»\. La última lista de «listar» llega hasta 2\.\n/);
  api.get = async (_, { from } = {}) => {
    throw new CompartidosError('NOT_FOUND', { what: 'peer', name: from! });
  };
  type('bajar notes.txt de benito\r');
  await terminal.shows(/No existe el equipo «benito»\. «pares» muestra los que se conocen\.\ncompartidos>$/);
  t.pass();
});

test('which of several files of one name is fetched is said, unless it was chosen', async (t) => {
  const { terminal, type, api } = await prompting(t);
  const [report] = await api.find('docs/report.pdf');
  t.truthy(report);
  api.find = async () => [report!, { ...report!, hash: 'another' }];
  type('get docs/report.pdf\r');
  await terminal.shows(/Queued for download: 1\.\nThere are 2 different files called docs\/report\.pdf/);
  type('find report\r');
  await terminal.shows(/\n2 .*report\.pdf\n/);
  for (const line of ['get 2', 'get docs/report.pdf from ana']) {
    type(`${line}\r`);
    await terminal.shows(new RegExp(`> ${line}\\nQueued for download: 1\\.\\ncompartidos>$`));
  }
});
