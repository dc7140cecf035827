import test from 'ava';
import { COMMAND_WORDS, type CommandName } from '../../src/prompt/command-words.ts';
import { commandHelpLines, exampleOf } from '../../src/prompt/help-lines.ts';
import { parseCommand } from '../../src/prompt/prompt-command.ts';
import { prompting } from '../support/prompting.ts';

test('help about one command says what it takes and does, with an example', async (t) => {
  t.deepEqual(commandHelpLines('en', 'get'), [
    'get NUMBER…|NAME…|GLOB… [from PEER]',
    '  fetch files and folders',
    '  For example: get 1-3 from ana',
  ]);
  const { terminal, type } = await prompting(t, 'es');
  type('ayuda bajar\r');
  await terminal.shows(
    /> ayuda bajar\nbajar NÚMERO.* \[de EQUIPO\]\n {2}traer archivos y carpetas\n {2}Por ejemplo: bajar 1-3 de ana\ncomp/,
  );
  type('help dowload\r');
  await terminal.shows(/No existe la orden dowload\. ¿Quiso decir bajar\?\n/);
  type('ayuda ba\t');
  await terminal.shows(/> ayuda bajar$/);
});

test('every example is understood as the command that it is of', (t) => {
  for (const name of Object.keys(COMMAND_WORDS) as CommandName[]) {
    for (const language of ['en', 'es'] as const) t.is(parseCommand(exampleOf(language, name)).type, name);
  }
});
