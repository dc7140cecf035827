import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgentLab } from '../support/agent-lab.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { plantTree, readTree } from '../support/file-tree.ts';
import { labTest } from '../support/lab-test.ts';

const run = promisify(execFile);
const FILES = process.env['COMPARTIDOS_LONG_TESTS'] ? 21_000 : 2_000;
/** The packages that this project itself stands on. */
const PACKAGES = join(import.meta.dirname, '..', '..', '..', 'node_modules');

labTest(
  `a tree of ${FILES} files goes to a second agent and on to a third by rule, on to a fourth by request, and is the same there`,
  async (t) => {
    t.timeout(20 * 60_000);
    const lab = await AgentLab.create(t, ['ana', 'luis', 'eva', 'nina']);
    const tree = join(lab.folder, 'tree');
    const files = await plantTree(PACKAGES, tree, FILES);
    const ana = await lab.start('ana');
    const luis = await lab.start('luis', "rules: [{ match: '**', mode: mirror, from: ana }]\n");
    await rename(tree, ana.shared('tree'));
    const began = performance.now();
    await mirrored(luis, files);
    const second = performance.now();
    await ana.stop();
    const eva = await lab.start('eva', "rules: [{ match: '**', mode: sync, from: luis }]\n");
    await mirrored(eva, files);
    const third = performance.now();
    const nina = await lab.start('nina');
    await nina.until(
      async () => (await nina.api.peers()).some(({ files: there }) => there >= files) || undefined,
      'what the others have',
    );
    await nina.api.get([{ path: 'tree' }], { from: 'eva' });
    await nina.until(
      async () => (await nina.api.status()).transfers === 0 || undefined,
      'what was asked for',
      600_000,
    );
    const fourth = performance.now();
    t.log(
      `${files} files: ${seconds(second - began)} to the second, ${seconds(third - second)} to the third, ` +
        `${seconds(fourth - third)} to the fourth`,
    );

    const expected = await readTree(ana.shared());
    for (const agent of [luis, eva, nina]) {
      const folders = [ana.shared('tree'), agent.shared('tree')];
      const { stdout } = await run('diff', ['-r', '--no-dereference', ...folders]);
      t.is(stdout, '');
      const there = await readTree(agent.shared());
      const different = [...new Set([...expected.keys(), ...there.keys()])].flatMap((path) => {
        const [a, b] = [expected.get(path), there.get(path)].map((item) => JSON.stringify(item));
        return a === b ? [] : `${path}: ${a} is ${b}`;
      });
      t.deepEqual(different.slice(0, 10), [], agent.home);
    }
  },
);

/** Resolves when `agent` has `files` files, and its rules have nothing more to do. */
async function mirrored(agent: AgentProcess, files: number): Promise<void> {
  await agent.until(
    async () => {
      const { files: here, transfers } = await agent.api.status();
      if (here < files || transfers > 0) return undefined;
      return (await agent.api.testRules()).every(({ action }) => action === 'none') || undefined;
    },
    `the tree at ${agent.home}`,
    600_000,
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
