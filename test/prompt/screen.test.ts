import test from 'ava';
import fc from 'fast-check';
import { Screen } from '../../src/prompt/screen.ts';
import { TerminalEmulator } from '../support/terminal-emulator.ts';

const PROMPT = '> ';

function input(text: string, cursor = text.length) {
  return { prompt: PROMPT, text, cursor };
}

test('what is printed appears above the line being typed, whose cursor stays', (t) => {
  const terminal = new TerminalEmulator();
  const screen = new Screen(terminal);
  screen.setInput(input('fin', 1));
  screen.print(['ana is here', 'beto is here']);
  screen.setInput(input('find', 4));
  screen.print(['ana is gone']);
  t.deepEqual(terminal.lines, ['ana is here', 'beto is here', 'ana is gone', '> find']);
  t.deepEqual(terminal.cursor, { row: 3, column: 6 });
});

test('a sentence is not broken within a word', (t) => {
  const terminal = new TerminalEmulator(20);
  const screen = new Screen(terminal);
  screen.setInput(input('x'));
  screen.print(['everybody on this network can read']);
  t.deepEqual(terminal.lines, ['everybody on this', 'network can read', '> x']);
});

test('bars change in place, between what is printed and the line', (t) => {
  const terminal = new TerminalEmulator();
  const screen = new Screen(terminal);
  screen.setInput(input('x'));
  screen.setLive(['a 10 %', 'b 20 %']);
  t.deepEqual(terminal.lines, ['a 10 %', 'b 20 %', '> x']);
  screen.setLive(['a 30 %']);
  screen.print(['b is done']);
  t.deepEqual(terminal.lines, ['b is done', 'a 30 %', '> x']);
  screen.setLive([]);
  t.deepEqual(terminal.lines, ['b is done', '> x']);
  screen.setInput(undefined);
  screen.print(['bye']);
  t.deepEqual(terminal.lines, ['b is done', 'bye']);
});

test('a long line scrolls sideways with its cursor', (t) => {
  const terminal = new TerminalEmulator(20);
  const screen = new Screen(terminal);
  screen.setInput(input('abcdefghijklmnopqrstuvwxyz'));
  t.is(terminal.lines.length, 1);
  t.regex(terminal.lines[0]!, /^> .*xyz$/);
  t.is(terminal.cursor.column, terminal.lines[0]!.length);
  screen.setInput(input('abcdefghijklmnopqrstuvwxyz', 0));
  t.regex(terminal.lines[0]!, /^> abcdef.*…$/);
  t.is(terminal.cursor.column, 2);
});

test('more bars than there is room for are counted', (t) => {
  const terminal = new TerminalEmulator(40, 8);
  const screen = new Screen(terminal);
  screen.setLive(Array.from({ length: 50 }, (_, at) => `bar ${at}`));
  t.deepEqual(terminal.lines, ['bar 0', 'bar 1', 'bar 2', 'bar 3', '  … +46']);
});

test('each change is one write', (t) => {
  const terminal = new TerminalEmulator();
  const screen = new Screen(terminal);
  screen.setLive(['bar']);
  screen.setInput(input('x'));
  screen.print(['one', 'two']);
  t.is(terminal.writes, 3);
});

const line = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.replace(/[\p{C}\p{Z}\p{M}]/gu, '.'));
const action = fc.oneof(
  fc.record({ print: fc.array(line, { maxLength: 3 }) }),
  fc.record({ live: fc.array(line, { maxLength: 8 }) }),
  fc.record({ type: line, cursor: fc.nat(60) }),
);

test('whatever is done in whatever order, what was printed stands there once and whole', (t) => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), fc.integer({ min: 12, max: 90 }), (actions, columns) => {
      const terminal = new TerminalEmulator(columns, 20);
      const screen = new Screen(terminal);
      let printed = '';
      let typed: string | undefined;
      for (const each of actions) {
        if ('print' in each) {
          screen.print(each.print);
          printed += each.print.join('');
        } else if ('live' in each) screen.setLive(each.live);
        else {
          typed = each.type;
          screen.setInput(input(typed, Math.min(each.cursor, typed.length)));
        }
      }
      screen.setLive([]);
      screen.setInput(undefined);
      return terminal.lines.join('') === printed;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
