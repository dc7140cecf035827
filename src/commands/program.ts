import type { Command } from 'commander';
import { translate, type Language } from '../language/translate.ts';
import { configCheck } from './config-check.ts';
import type { CommandContext } from './command-context.ts';
import { get } from './get.ts';
import * as queries from './queries.ts';
import type { StartCommandOptions } from './start.ts';
import { translatedCommand, translatedSyntax, type CommandSurroundings } from './translated-command.ts';
import { VERSION } from '../core/version.ts';

/** Runs a command with the options that every command has. */
export type Run = (
  options: { readonly config?: string; readonly json?: boolean },
  command: (context: CommandContext) => Promise<number>,
) => Promise<void>;

interface Definition {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The sentence that describes it; that of its name by default. */
  readonly about?: string;
  readonly arguments?: readonly (readonly [syntax: string, sentence: string])[];
  readonly options?: readonly (readonly [flags: string, sentence: string])[];
  readonly run: (context: CommandContext, given: readonly string[], options: object) => Promise<number>;
}

const ids = [['[ids...]', 'argument.downloads']] as const;

const COMMANDS: readonly Definition[] = [
  {
    name: 'start',
    aliases: ['iniciar'],
    options: [
      ['--folder <dir>', 'option.folder'],
      ['--port <n>', 'option.port'],
      ['--name <name>', 'option.name'],
      ['--no-prompt', 'option.no-prompt'],
    ],
    // Loaded when it is needed: the other commands are to answer at once.
    run: async (context, _, options) =>
      (await import('./start.ts')).start(context, options as StartCommandOptions),
  },
  { name: 'status', aliases: ['estado'], run: queries.status },
  { name: 'peers', aliases: ['pares', 'equipos'], run: queries.peers },
  {
    name: 'ls',
    aliases: ['listar'],
    arguments: [['[glob]', 'argument.glob']],
    run: (context, [glob]) => queries.list(context, glob),
  },
  {
    name: 'find',
    aliases: ['buscar'],
    arguments: [['<query>', 'argument.query']],
    run: (context, [query]) => queries.find(context, query!),
  },
  {
    name: 'get',
    aliases: ['bajar', 'descargar'],
    arguments: [['<selectors...>', 'argument.selectors']],
    options: [
      ['--from <peer>', 'option.from'],
      ['--wait', 'option.wait'],
    ],
    run: (context, selectors, options) => get(context, selectors, options),
  },
  { name: 'queue', aliases: ['cola'], run: queries.queue },
  { name: 'pause', aliases: ['pausar'], arguments: ids, run: queries.pause },
  { name: 'resume', aliases: ['reanudar'], arguments: ids, run: queries.resume },
  { name: 'cancel', aliases: ['cancelar'], arguments: ids, run: queries.cancel },
  { name: 'stop', aliases: ['parar'], run: queries.stop },
  { name: 'conflicts', aliases: ['conflictos'], run: queries.conflicts },
  {
    name: 'resolve',
    aliases: ['resolver'],
    arguments: [
      ['<path>', 'argument.path'],
      ['<keep>', 'argument.keep'],
    ],
    run: (context, [path, keep]) => queries.resolve(context, path!, keep!),
  },
  { name: 'trash', aliases: ['papelera'], run: queries.trash },
  {
    name: 'restore',
    aliases: ['restaurar'],
    arguments: [['<item>', 'argument.trashed']],
    run: (context, [item]) => queries.restore(context, item!),
  },
  { name: 'check', aliases: ['comprobar'], run: queries.check },
];

const GROUPS: readonly { name: string; aliases: readonly string[]; commands: readonly Definition[] }[] = [
  {
    name: 'rules',
    aliases: ['reglas'],
    commands: [{ name: 'test', aliases: ['probar'], about: 'command.rules-test', run: queries.rulesTest }],
  },
  {
    name: 'config',
    aliases: ['configuración', 'configuracion'],
    commands: [{ name: 'check', aliases: ['comprobar'], about: 'command.config-check', run: configCheck }],
  },
];

/** The whole command line, in the user's language. */
export function createProgram(surroundings: CommandSurroundings, run: Run): Command {
  const say = (key: string) => translate(surroundings.language, key);
  const written = (syntax: string) => translatedSyntax(surroundings.language, syntax);
  const program = translatedCommand('npx compartidos', surroundings)
    .description(say('command.program'))
    .version(VERSION, '-V, --version', say('option.version'))
    .option(written('--config <file>'), say('option.config'))
    .option('--json', say('option.json'))
    .addHelpText('after', () => `\n${say('help.footer')}`);
  for (const definition of COMMANDS) program.addCommand(build(definition));
  for (const { name, aliases, commands } of GROUPS) {
    const group = translatedCommand(name, surroundings)
      .aliases(aliases)
      .description(say(`command.${name}`));
    for (const definition of commands) group.addCommand(build(definition));
    program.addCommand(group);
  }
  const help = translatedCommand('help', surroundings)
    .aliases(['ayuda'])
    .description(say('command.help'))
    .argument(written('[command...]'))
    .action(async (words: readonly string[]) => showHelp(program, words));
  return program.addCommand(help);

  function build(definition: Definition): Command {
    const { name, aliases = [], about = `command.${name}` } = definition;
    const command = translatedCommand(name, surroundings).aliases(aliases).description(say(about));
    for (const [syntax, sentence] of definition.arguments ?? [])
      command.argument(written(syntax), say(sentence));
    for (const [flags, sentence] of definition.options ?? []) command.option(written(flags), say(sentence));
    return command.action(async () => {
      const options: { config?: string; json?: boolean } = command.optsWithGlobals();
      await run(options, (context) => definition.run(context, command.args, options));
    });
  }
}

/** What there is no command for is called, so that it fails as it always does. */
async function showHelp(command: Command, [word, ...rest]: readonly string[]): Promise<void> {
  if (word === undefined) return command.outputHelp();
  const found = findCommand(command, word);
  if (found) return showHelp(found, rest);
  await command.parseAsync([word], { from: 'user' });
}

function findCommand(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

/** The word for a command of `program`, or of a group in it, that help shows in `language`; any other as it is. */
export function shownWord(program: Command, word: string, language: Language): string {
  const groups = [program, ...program.commands];
  const found = groups.map((group) => findCommand(group, word)).find((each) => each);
  return (language === 'es' ? found?.alias() : found?.name()) ?? word;
}

/** Adds `start` to a command line that names no command. */
export function withDefaultCommand(argv: readonly string[]): readonly string[] {
  const takesValue = new Set(['--config', '--folder', '--port', '--name']);
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (['-h', '--help', '-V', '--version'].includes(word) || !word.startsWith('-')) return argv;
    if (takesValue.has(word)) at += 1;
  }
  return ['start', ...argv];
}
