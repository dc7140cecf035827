import { join } from 'node:path';
import { rename } from 'node:fs/promises';
import type { DownloadView } from '../../src/agent-api.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';
import { Lab } from '../support/lab.ts';
import { archive, filesBelow, layOut, sameBytes } from '../support/real-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ARCHIVE_BYTES = 300 * 1024 * 1024;

labTest(
  'three agents find each other, and files move by rule and by request while peers come and go',
  async (t) => {
    t.timeout(240_000);
    const folder = await temporaryFolder(t);
    const lab = await Lab.create({ hosts: ['ana', 'luis', 'eva', 'nina'] });
    const agents: AgentProcess[] = [];
    const start = async (name: string, config = '') => {
      const agent = await AgentProcess.start({
        home: join(folder, name),
        config: `name: ${name}\n${config}`,
        host: lab.host(name),
      });
      agents.push(agent);
      return agent;
    };
    t.teardown(async () => {
      await Promise.all(agents.map((agent) => agent.stop()));
      await lab.destroy();
    });

    const ana = await start('ana');
    const luis = await start('luis');
    const eva = await start('eva', "rules: [{ match: '*.pdf' }]\n");
    for (const agent of [ana, luis, eva]) {
      await agent.until(async () => ((await agent.api.status()).peers === 2 ? true : undefined), 'two peers');
    }

    const names = await layOut(ana.shared());
    for (const agent of [luis, eva]) {
      const seen = await agent.until(async () => {
        const found = await agent.api.find('');
        return names.every((name) => found.some(({ path, hash }) => path === name && hash !== null))
          ? found
          : undefined;
      }, 'what Ana shares');
      for (const name of names) {
        const holders = seen.find(({ path }) => path === name)!.holders.map((holder) => holder.name);
        t.true(holders.includes('ana'), `${name} is with Ana`);
      }
    }

    await eva.until(async () => {
      const arrived = (await filesBelow(eva.shared())).includes('apuntes/tema 1.pdf');
      return arrived || undefined;
    }, 'the file of the rule');
    t.true(await sameBytes(ana.shared('apuntes/tema 1.pdf'), eva.shared('apuntes/tema 1.pdf')));
    t.deepEqual(
      await filesBelow(eva.shared()),
      ['apuntes/tema 1.pdf'],
      'the rule takes what it says and nothing else',
    );

    // The archive comes from two holders, of whom one dies in the middle, while a newcomer joins.
    await archive(join(folder, 'archive'), ARCHIVE_BYTES);
    await rename(join(folder, 'archive'), ana.shared('copia.zip'));
    await luis.until(
      async () => (await luis.api.find('copia.zip')).find(({ hash }) => hash !== null),
      'the archive at Ana',
    );
    await finished(luis, await luis.api.get([{ path: 'copia.zip' }]));
    await eva.until(async () => {
      const [file] = await eva.api.find('copia.zip');
      return file?.holders.length === 2 || undefined;
    }, 'two holders of the archive');
    const [download] = await eva.api.get([{ path: 'copia.zip' }]);
    await eva.until(
      async () => ((await eva.api.queue()).some(({ bytes }) => bytes > 0) ? true : undefined),
      'the first bytes',
    );
    await ana.kill();
    const nina = await start('nina');
    await finished(eva, [download!]);
    t.true(await sameBytes(join(luis.shared(), 'copia.zip'), eva.shared('copia.zip')));

    await nina.until(async () => {
      const [file] = await nina.api.find('tema 1');
      return file?.holders.some(({ name }) => name === 'eva') || undefined;
    }, 'the newcomer sees what Eva has now');
    await finished(nina, await nina.api.get([{ path: '**/tema*' }]));
    t.true(await sameBytes(nina.shared('apuntes/tema 1.pdf'), eva.shared('apuntes/tema 1.pdf')));

    const gone = (await eva.api.peers()).find(({ name }) => name === 'ana');
    t.is(gone?.state, 'offline', 'a peer that went away stays listed');
  },
);

/** Resolves when all of `downloads` are done; rejects when one fails. */
async function finished(agent: AgentProcess, downloads: readonly DownloadView[]): Promise<void> {
  const ids = downloads.map(({ id }) => id);
  await agent.until(
    async () => {
      const mine = (await agent.api.queue()).filter(({ id }) => ids.includes(id));
      const failed = mine.find(({ state }) => state === 'failed' || state === 'cancelled');
      if (failed) throw new Error(`${failed.path}: ${JSON.stringify(failed.error)}`);
      return mine.length === ids.length && mine.every(({ state }) => state === 'done') ? true : undefined;
    },
    `downloads of ${agent.home}`,
    120_000,
  );
}
