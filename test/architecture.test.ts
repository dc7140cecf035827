import { mkdir, mkdtemp, rm, symlink, writeFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..', '..');

async function cruise(directory: string) {
  return execa(
    process.execPath,
    [
      join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
    ],
    { cwd: directory, reject: false },
  );
}

/** A small tree under the project's own rules. */
async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(root, '.build', 'planted-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    await copyFile(join(root, file), join(directory, file));
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

test.serial('imports point down the list of layers', async (t) => {
  const result = await cruise(root);
  t.is(result.exitCode, 0, result.stdout);
});

const violations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'core-imports-nothing-above-it': {
    'src/core/low.ts': "export * from '../transfer/high.ts';",
    'src/transfer/high.ts': 'export const high = 1;',
  },
  'no-cycles': {
    'src/model/one.ts': "import './two.ts'; export const one = 1;",
    'src/model/two.ts': "import './one.ts'; export const two = 2;",
  },
  'pure-folders-do-no-input-or-output': {
    'src/sync/impure.ts': "export { readFileSync } from 'node:fs';",
  },
  'faces-talk-to-the-agent-api-only': {
    'src/prompt/nosy.ts': "export * from '../transfer/high.ts';",
    'src/transfer/high.ts': 'export const high = 1;',
  },
  'threads-load-no-database': {
    'src/transfer/idle-worker.ts': "export * from './part.ts';",
    'src/transfer/part.ts': "export * from '../index/database.ts';",
    'src/index/database.ts': 'export const database = 1;',
  },
};

for (const [rule, files] of Object.entries(violations)) {
  test.serial(`a planted violation is found: ${rule}`, async (t) => {
    const directory = await plant(files);
    try {
      const result = await cruise(directory);
      t.not(result.exitCode, 0);
      t.regex(result.stdout, new RegExp(rule));
    } finally {
      await rm(directory, { recursive: true });
    }
  });
}
