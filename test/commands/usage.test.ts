import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../support/command-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const wrong: readonly [args: string[], message: RegExp][] = [
  [['stauts'], /There is no command stauts\. Did you mean status\?/],
  [['search', 'x'], /There is no command search\. Did you mean find\?/],
  [['exit'], /There is no command exit\. Did you mean stop\?/],
  [['dir'], /There is no command dir\. Did you mean ls\?/],
  [['delete', 'x'], /There is no command delete: what you put into the shared folder/],
  [['frobnicate'], /There is no command frobnicate\./],
  [['peers', '--jsno'], /There is no option --jsno\. Did you mean --json\?/],
  [['find'], /The argument query is missing\./],
  [['get'], /The argument files is missing\./],
  [['peers', 'a'], /There are more arguments/],
  [['start', '--port'], /The option --port <n> needs a value\./],
  [['--port', '70000'], /The port must be a whole number from 0 to 65535\./],
  [['start', '--name', 'a\u001bb'], /The name must have/],
  [['resolve', 'a', 'mine'], /Say what to keep: ours or theirs\./],
  [['help', 'stauts'], /There is no command stauts\. Did you mean status\?/],
  [['help', 'rules', 'tset'], /There is no command tset\. Did you mean test\?/],
  [['rules'], /Usage: npx compartidos rules/],
  [['start', '--config', 'missing.yaml'], /cannot be read \(it does not exist\)/],
  [['--config', 'missing.yaml'], /cannot be read \(it does not exist\)/],
  [['config', 'check', '--config', 'missing.yaml'], /cannot be read \(it does not exist\)/],
  [['--config', 'missing.yaml', 'status'], /cannot be read \(it does not exist\)/],
  [['get', 'x', '--config', 'missing.yaml'], /cannot be read \(it does not exist\)/],
  [['stop', '--config', '.'], /cannot be read \(it is a folder\)/],
  [['config', 'check', '--config', '/dev/null'], /cannot be read \(it is not a file, a folder or a link\)/],
];

for (const [args, message] of wrong) {
  test(`wrong usage ends with exit code 2: ${JSON.stringify(args)}`, async (t) => {
    const { exitCode, stdout, stderr } = await run(await temporaryFolder(t), args);
    t.is(exitCode, 2);
    t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /);
    t.is(stdout, '');
  });
}

test('errors are JSON when that was asked for, and in the user’s language', async (t) => {
  const folder = await temporaryFolder(t);
  const { exitCode, stderr } = await run(folder, ['frob', '--json'], { LC_ALL: 'es_AR.UTF-8' });
  t.is(exitCode, 2);
  t.deepEqual(JSON.parse(stderr), {
    error: {
      code: 'USAGE',
      params: { message: 'No existe la orden frob.' },
      message: 'No existe la orden frob. Vea --help.',
    },
  });
});

test('what is missing is named in the user’s language', async (t) => {
  const folder = await temporaryFolder(t);
  const { stderr } = await run(folder, ['find'], { LC_ALL: 'es_ES.UTF-8' });
  t.is(stderr, 'Falta el argumento búsqueda. Vea --help.');
});

test('the language of the config holds for help and wrong usage, too', async (t) => {
  const folder = await temporaryFolder(t);
  const parent = join(folder, '..');
  const config = join(folder, 'config.yaml');
  await writeFile(config, 'language: es\n');
  t.regex((await run(folder, ['--help'])).stdout, /^Uso: /);
  t.regex((await run(folder, ['frob'])).stderr, /^No existe la orden frob/);
  t.regex((await run(folder, ['get'])).stderr, /^Falta el argumento/);
  t.regex((await run(folder, ['peers', '--jsno'])).stderr, /^No existe la opción/);
  t.regex((await run(parent, ['get', '--help', '--config', config])).stdout, /^Uso: /);
  t.regex((await run(parent, ['--config', config, 'get'])).stderr, /^Falta el argumento/);
  t.regex((await run(parent, [`--config=${config}`, 'get'])).stderr, /^Falta el argumento/);
  t.regex((await run(parent, ['get'])).stderr, /^The argument/);
  t.regex((await run(folder, ['get', '--config'])).stderr, /^La opción --config/);
  await writeFile(config, 'language: [\n');
  t.regex((await run(folder, ['--help'])).stdout, /^Usage: /);
});

test('in Spanish every command has its Spanish word', async (t) => {
  const folder = await temporaryFolder(t);
  const inSpanish = (...args: string[]) => run(folder, args, { LC_ALL: 'es_ES.UTF-8' });
  for (const args of [['ayuda'], ['help'], ['ayuda', 'bajar'], ['help', 'reglas', 'probar']]) {
    const { exitCode, stdout } = await inSpanish(...args);
    t.is(exitCode, 0);
    t.regex(stdout, /^Uso: npx compartidos/);
  }
  t.regex((await inSpanish('pase')).stderr, /¿Quiso decir pausar\?/);
  t.regex((await inSpanish('resolver', 'a', 'x')).stderr, /nuestro o suyo/);
  for (const word of ['configuración', 'configuracion', 'config'])
    t.is((await inSpanish(word, 'comprobar')).exitCode, 0, word);
});

test('help and version', async (t) => {
  const folder = await temporaryFolder(t);
  const english = await run(folder, ['--help']);
  t.is(english.exitCode, 0);
  t.regex(english.stdout, /^Usage: npx compartidos[^]*Commands:[^]*peers\|pares[^]*Exit codes: 0 done/);
  const spanish = await run(folder, ['bajar', '--help'], { LC_ALL: 'es_ES.UTF-8' });
  t.regex(
    spanish.stdout,
    /^Uso: npx compartidos get\|bajar \[opciones\] <archivos\.\.\.>[^]*--wait +terminar cuando/,
  );
  const version = await run(folder, ['--version']);
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    version: string;
  };
  t.is(version.stdout, manifest.version);
});
