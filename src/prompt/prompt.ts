import type { AgentApi } from '../agent-api.ts';
import type { Clock } from '../core/clock.ts';
import type { LogLevel } from '../core/logger.ts';
import type { Startable } from '../core/lifecycle.ts';
import { printable } from '../language/printable.ts';
import { translate, type Language } from '../language/translate.ts';
import { isGlob } from '../model/glob.ts';
import { Activity } from './activity.ts';
import { completeLine, type CompletionSources } from './complete-line.ts';
import { Conversation } from './conversation.ts';
import { loadHistory, saveHistory } from './history.ts';
import { LineEditor } from './line-editor.ts';
import { parseCommand } from './prompt-command.ts';
import { Screen } from './screen.ts';

const PROMPT = 'compartidos> ';
const SHORT_ID = 7;

export interface PromptOptions {
  readonly api: AgentApi;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly language: Language;
  /** Where the lines typed are kept, absolute. */
  readonly historyFile: string;
  readonly clock: Clock;
}

/** The interactive prompt: a person's conversation with the agent. */
export class Prompt implements Startable {
  /** Resolves when the person wants to quit. */
  readonly finished: Promise<void>;
  readonly #options: PromptOptions;
  readonly #screen: Screen;
  readonly #activity: Activity;
  readonly #conversation: Conversation;
  readonly #onResize = (): void => this.#screen.redraw();
  #finish: () => void = () => {};
  #editor: LineEditor | undefined;
  #answering: Promise<void> = Promise.resolve();
  #remembering: Promise<void> = Promise.resolve();

  constructor(options: PromptOptions) {
    const { api, language, clock, output } = options;
    this.#options = options;
    this.#screen = new Screen(output);
    this.#activity = new Activity({ api, language, screen: this.#screen, clock });
    this.#conversation = new Conversation(api, language, (queued) => this.#activity.noteQueued(queued));
    this.finished = new Promise((resolve) => (this.#finish = resolve));
  }

  async start(): Promise<void> {
    if (this.#editor) return;
    const { input, output, historyFile, clock } = this.#options;
    const editor = new LineEditor({
      input,
      screen: this.#screen,
      prompt: PROMPT,
      history: await loadHistory(historyFile),
      complete: (line) => completeLine(line, this.#options.language, this.#sources()),
      clock,
    });
    this.#editor = editor;
    editor.events.on('line', (line) => this.#take(line));
    editor.events.on('ended', () => this.#finish());
    editor.events.on('interrupted', (again) => {
      if (again) this.#finish();
      else this.#screen.print([translate(this.#options.language, 'prompt.once-more')]);
    });
    editor.events.on('remembered', (lines) => {
      this.#remembering = this.#remembering.then(() => saveHistory(historyFile, lines));
    });
    output.on('resize', this.#onResize);
    await this.#greet();
    editor.start();
    await this.#activity.start();
  }

  async stop(): Promise<void> {
    const editor = this.#editor;
    if (!editor) return;
    this.#editor = undefined;
    this.#finish();
    this.#options.output.off('resize', this.#onResize);
    await this.#activity.stop();
    this.#screen.setNote(undefined);
    editor.stop();
    await this.#remembering;
  }

  /** Says a sentence of the log. It must be printable. */
  announce(level: LogLevel, sentence: string): void {
    this.#activity.announce(level, sentence);
  }

  async #greet(): Promise<void> {
    const { api, language } = this.#options;
    const status = await api.status();
    const fillings = { ...status, short: status.id.slice(0, SHORT_ID), problems: undefined };
    this.#screen.print([
      translate(language, 'prompt.greeting', fillings),
      translate(language, 'prompt.greeting-folder', fillings),
      translate(language, `prompt.greeting-access-${status.access}`),
      ...status.problems.map(({ event, fields }) => `! ${translate(language, event, fields)}`),
      translate(language, 'prompt.type-help'),
    ]);
  }

  /** Commands are answered in the order in which they were typed. */
  #take(line: string): void {
    const command = parseCommand(line);
    if (command.type === 'quit') return this.#finish();
    this.#answering = this.#answering.then(async () => {
      const isSearch = command.type === 'get' || command.type === 'find';
      if (isSearch && this.#editor) this.#screen.setNote(translate(this.#options.language, 'view.looking'));
      const lines = await this.#conversation.answer(command, this.#screen.width);
      if (!this.#editor) return;
      this.#screen.setNote(undefined);
      if (lines.length > 0) this.#screen.print(lines);
    });
  }

  #sources(): CompletionSources {
    const { api } = this.#options;
    return {
      files: async (prefix, where) => {
        const known = this.#conversation.files.map(({ path }) => path);
        if (prefix === '') return known;
        const found = where === 'local' ? await api.list() : await api.find(nameBefore(prefix));
        return [...known, ...found.map(({ path }) => path)];
      },
      peers: async () => (await api.peers()).map(({ name }) => printable(name)),
      downloads: async () => (await api.queue()).map(({ path }) => path),
      conflicts: async () => (await api.conflicts()).map(({ path }) => path),
      trash: async () => (await api.trash()).map(({ path }) => path),
    };
  }
}

/** The beginning of what was typed that is no pattern: what looks like one is searched for as a name here. */
function nameBefore(typed: string): string {
  let name = typed;
  while (isGlob(name)) name = name.slice(0, -1);
  return name;
}
