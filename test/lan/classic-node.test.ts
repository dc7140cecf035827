import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentProcess } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';
import { Lab } from '../support/lab.ts';
import { jpeg, layOut, pdf, sameBytes, sha256, text } from '../support/real-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fixture = (name: string) => join(import.meta.dirname, '..', 'fixtures', `${name}.js`);

labTest('an agent and a classic node serve each other', async (t) => {
  const folder = await temporaryFolder(t);
  const lab = await Lab.create({ hosts: ['ana', 'vieja'] });
  t.teardown(() => lab.destroy());
  const old = lab.host('vieja');
  const shelf = join(folder, 'vieja');
  await mkdir(shelf);
  await writeFile(join(shelf, 'tarea.pdf'), pdf('Tarea'));
  await writeFile(join(shelf, 'dibujo.jpg'), jpeg('dibujo'));
  const node = old.spawn(process.execPath, [fixture('classic-node'), shelf, '6000']);
  await node.line((line) => line === 'listening');

  const ana = await AgentProcess.start({
    home: join(folder, 'ana'),
    config: `name: ana\ndiscovery: { peers: ['${old.address}:6000'], query_interval: 1 s }\nrules: [{ match: tarea.pdf }]\n`,
    host: lab.host('ana'),
  });
  t.teardown(() => ana.stop());

  // The node as a server: the rule's name comes by itself, another one when a person asks.
  await ana.until(async () => {
    const arrived = (await ana.api.queue()).some(
      ({ path, state }) => path === 'tarea.pdf' && state === 'done',
    );
    return arrived || undefined;
  }, 'the name of the rule');
  t.true(await sameBytes(join(shelf, 'tarea.pdf'), ana.shared('tarea.pdf')));
  t.like(
    (await ana.api.peers()).find(({ kind }) => kind === 'classic'),
    { address: old.address, state: 'online' },
  );
  t.deepEqual(
    (await ana.api.find('dibujo.jpg')).map(({ path, local }) => ({ path, local })),
    [{ path: 'dibujo.jpg', local: false }],
  );
  const [asked] = await ana.api.get([{ path: 'dibujo.jpg' }]);
  await ana.until(async () => {
    return (await ana.api.queue()).find(({ id, state }) => id === asked!.id && state === 'done');
  }, 'the name asked for');
  t.true(await sameBytes(join(shelf, 'dibujo.jpg'), ana.shared('dibujo.jpg')));
  t.false(node.ended, 'the node has not been shown what it cannot read');

  // The node as a client.
  await layOut(ana.shared());
  await ana.until(async () => (await ana.api.list('*.txt')).length === 2 || undefined, 'what Ana shares');
  const ask = async (request: string, file?: string): Promise<string> => {
    const args = [
      fixture('classic-client'),
      lab.host('ana').address,
      '6000',
      request,
      ...(file ? [file] : []),
    ];
    const client = old.spawn(process.execPath, args);
    await client.exited;
    return client.lines.map((line) => line.text).join('\n');
  };
  t.is(await ask('BUSCAR:apuntes/tema 1.pdf'), 'SI');
  t.is(await ask('BUSCAR:nada.txt'), 'NO');
  t.is(await ask('DESCARGAR:nada.txt'), 'NOFILE');
  for (const outside of ['../config.yaml', '/etc/passwd', '.compartidos/index.db', '..\\config.yaml']) {
    t.is(await ask(`BUSCAR:${outside}`), 'NO', outside);
    t.is(await ask(`DESCARGAR:${outside}`), 'NOFILE', outside);
  }
  for (const name of ['apuntes/tema 1.pdf', 'léeme — ñandú.txt', 'vacío.txt']) {
    const copy = join(folder, 'copy');
    await writeFile(copy, '');
    t.is(await ask(`DESCARGAR:${name}`, copy), 'OK', name);
    t.is(await text(copy), await text(ana.shared(name)), name);
  }
  const listing = (await ask('LISTAR:*.pdf')).split('\n');
  const [size, mtime, hash, name] = listing.find((line) => line.endsWith('tema 1.pdf'))!.split('\t');
  t.is(name, 'apuntes/tema 1.pdf');
  t.is(Number(size), pdf('Tema 1').length);
  t.regex(mtime!, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.is(hash, await sha256(ana.shared('apuntes/tema 1.pdf')));
});
