import { writeFile } from 'node:fs/promises';
import { AgentLab } from '../support/agent-lab.ts';
import { labTest } from '../support/lab-test.ts';

labTest(
  'what becomes ignored is withdrawn from the others, who keep their copy and the session',
  async (t) => {
    const lab = await AgentLab.create(t, ['ana', 'luis']);
    const ana = await lab.start('ana', '');
    const luis = await lab.start('luis', "rules: [{ match: '**', from: ana, mode: mirror }]\n");
    const seen = async (): Promise<string> => {
      const found = await luis.api.find('');
      return found
        .filter(({ holders }) => holders.some(({ name }) => name === 'ana'))
        .map(({ path }) => path)
        .sort()
        .join();
    };
    const untilSeen = (paths: string) =>
      luis.until(async () => (await seen()) === paths || undefined, `${paths} with ana`);
    for (const name of ['draft', 'report']) await writeFile(ana.shared(name), name);
    await untilSeen('draft,report');
    await luis.until(async () => (await luis.api.list()).length === 2 || undefined, 'both copies');

    const gone: string[] = [];
    luis.api.events.on('peer', (peer) => {
      if (peer.state === 'offline') gone.push(peer.name);
    });
    await writeFile(ana.shared('.compartidosignore'), 'draft\n');
    await untilSeen('report');
    await writeFile(ana.shared('summary'), 'summary');
    await untilSeen('report,summary');
    await luis.until(async () => (await luis.api.list()).length === 3 || undefined, 'the new file');
    t.deepEqual(gone, []);
    t.deepEqual((await luis.api.list()).map(({ path }) => path).sort(), ['draft', 'report', 'summary']);
  },
);
