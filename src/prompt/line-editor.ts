import { createInterface, type Interface, type Key } from 'node:readline';
import { Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { systemErrorCode } from '../core/errors.ts';
import { printable } from '../language/printable.ts';
import { fitText, padText, textWidth } from '../language/text-width.ts';
import type { Completions } from './complete-line.ts';
import type { Screen } from './screen.ts';

export type LineEditorEvents = {
  line: [line: string];
  /** Ctrl-C, and whether it is the second in a row: shortly after another, with nothing typed between them. */
  interrupted: [again: boolean];
  /** Ctrl-D on an empty line, or the end of the input. */
  ended: [];
  /** The lines to remember, newest first. */
  remembered: [history: readonly string[]];
};

export interface LineEditorOptions {
  readonly input: NodeJS.ReadableStream;
  readonly screen: Screen;
  readonly prompt: string;
  /** Newest first. */
  readonly history: readonly string[];
  readonly complete: (line: string) => Promise<Completions>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

const MAX_LISTED = 60;
const HISTORY_LINES = 1000;
/** ms after a Ctrl-C in which another one is its second. */
const AGAIN_MS = 2000;

/** Edits one line after the other with the keys of readline; the screen draws it. */
export class LineEditor {
  readonly events = new Emitter<LineEditorEvents>();
  readonly #options: LineEditorOptions;
  readonly #onKeyBefore = (_: string | undefined, key: Key | undefined): void => this.#beforeKey(key);
  readonly #onKey = (_: string | undefined, key: Key | undefined): void => this.#afterKey(key);
  #readline: Interface | undefined;
  /** More than one Tab came together: what the first completes, the second lists. */
  #severalTabs = false;
  #interruptedAt = -Infinity;

  constructor(options: LineEditorOptions) {
    this.#options = options;
  }

  start(): void {
    const { input, history } = this.#options;
    // readline keeps the line and its keys; what it would draw itself goes nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    let readline: Interface;
    try {
      readline = createInterface({
        input,
        output: nowhere,
        terminal: true,
        history: [...history],
        historySize: HISTORY_LINES,
        removeHistoryDuplicates: true,
        completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
          void this.#complete(line).then((result) => {
            done(null, result);
            this.#draw();
          });
        },
      });
    } catch (error) {
      // The terminal was closed before it was put into raw mode.
      if (systemErrorCode(error) === undefined) throw error;
      this.events.emit('ended');
      return;
    }
    this.#readline = readline;
    readline.on('line', (line) => {
      this.#options.screen.print([this.#options.prompt + printable(line)]);
      this.#draw();
      this.events.emit('line', line);
    });
    readline.on('SIGINT', () => this.#interrupt());
    readline.on('SIGCONT', () => {
      // readline has paused the input.
      readline.resume();
      this.#options.screen.reappear();
    });
    readline.on('history', (lines) => this.events.emit('remembered', lines));
    readline.once('close', () => this.events.emit('ended'));
    // One that was closed since then cannot be taken out of it.
    readline.on('error', () => this.events.emit('ended'));
    input.prependListener('keypress', this.#onKeyBefore);
    input.on('keypress', this.#onKey);
    this.#draw();
  }

  stop(): void {
    const readline = this.#readline;
    this.#readline = undefined;
    this.#options.input.off('keypress', this.#onKeyBefore);
    this.#options.input.off('keypress', this.#onKey);
    readline?.close();
    this.#options.screen.setInput(undefined);
  }

  /** Of what the terminal gives in one go readline takes a Tab for text, as in a paste, unless it is the last key. */
  #beforeKey(key: Key | undefined): void {
    const readline = this.#readline;
    if (!readline || key?.name !== 'tab' || readline.line[readline.cursor - 1] !== '\t') return;
    readline.write(null, { name: 'backspace' });
    this.#severalTabs = true;
  }

  #afterKey(key: Key | undefined): void {
    if (!(key?.ctrl && key.name === 'c')) this.#interruptedAt = -Infinity;
    // The shell has written since: SIGCONT draws.
    if (key?.ctrl && key.name === 'z') return;
    if (key?.ctrl && key.name === 'l') this.#options.screen.clear();
    this.#draw();
  }

  #draw(): void {
    if (!this.#readline) return;
    const { line, cursor } = this.#readline;
    this.#options.screen.setInput({
      prompt: this.#options.prompt,
      text: printable(line),
      cursor: printable(line.slice(0, cursor)).length,
    });
  }

  #interrupt(): void {
    const readline = this.#readline;
    if (!readline) return;
    const now = this.#options.clock.monotonic();
    const again = now - this.#interruptedAt <= AGAIN_MS;
    this.#interruptedAt = now;
    if (readline.line !== '') {
      this.#options.screen.print([`${this.#options.prompt}${printable(readline.line)}^C`]);
      readline.write(null, { ctrl: true, name: 'e' });
      readline.write(null, { ctrl: true, name: 'u' });
      this.#draw();
    }
    this.events.emit('interrupted', again);
  }

  async #complete(line: string): Promise<[string[], string]> {
    const none: Completions = { hits: [], typed: '', completed: '' };
    const isToList = this.#severalTabs;
    this.#severalTabs = false;
    const { hits, typed, completed } = await this.#options.complete(line).catch(() => none);
    if (hits.length > 1 && (isToList || completed === typed)) this.#list(hits);
    return [hits.length === 0 || completed === typed ? [] : [completed], typed];
  }

  #list(hits: readonly string[]): void {
    const { screen } = this.#options;
    const shown = hits.slice(0, MAX_LISTED).map((hit) => fitText(hit, screen.width - 1));
    const cell = Math.max(...shown.map(textWidth)) + 2;
    const perLine = Math.max(1, Math.floor((screen.width - 1) / cell));
    const lines: string[] = [];
    for (let at = 0; at < shown.length; at += perLine) {
      const cells = shown.slice(at, at + perLine).map((hit) => padText(hit, cell));
      lines.push(cells.join('').trimEnd());
    }
    if (hits.length > shown.length) lines.push(`… +${hits.length - shown.length}`);
    screen.print(lines);
  }
}
