import test from 'ava';
import { commandOfWord } from '../../src/prompt/command-words.ts';
import { parseCommand } from '../../src/prompt/prompt-command.ts';
import { suggestCommands } from '../../src/prompt/suggest-commands.ts';

for (const [word, meant] of [
  ['bus', ['find']],
  ['Ba', ['get']],
  ['q', ['queue', 'quit']],
  ['papel', ['trash']],
  ['search', ['find']],
  ['serach', ['find']],
  ['download', ['get']],
  ['traer', ['get']],
  ['stop', ['quit']],
  ['parar', ['quit']],
  ['salri', ['quit']],
  ['fnid', ['find']],
  ['stauts', ['status']],
  ['lsita', ['list']],
  ['frobnicate', []],
  ['foo', []],
  ['cd', []],
  ['ping', []],
  ['toString', []],
] as const) {
  test(`who types "${word}" may mean: ${meant.join(', ')}`, (t) => {
    t.deepEqual(suggestCommands(word), meant);
  });
}

test('what is done in the folder is said to be, and not taken for another command', (t) => {
  for (const word of ['delete', 'Borrar', 'rm', 'remove', 'quitar', 'subir', 'share'])
    t.deepEqual(parseCommand(`${word} x`), { type: 'mistake', sentence: 'usage.for-folder', name: word });
  t.is(commandOfWord('exit'), 'quit');
});
