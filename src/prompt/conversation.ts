import type {
  AgentApi,
  ConflictView,
  DownloadView,
  FileSelector,
  FileView,
  RuleTestView,
  TrashView,
} from '../agent-api.ts';
import { CompartidosError, isCompartidosError, toError } from '../core/errors.ts';
import { explainError } from '../language/explain-error.ts';
import { translate, type Fillings, type Language } from '../language/translate.ts';
import { compileGlob, isGlob } from '../model/glob.ts';
import { fileLines, type FileLinesOptions } from '../views/file-lines.ts';
import { checkLines, conflictLines, ruleTestLines, trashLines } from '../views/keeping-lines.ts';
import { otherFileLines } from '../views/other-files.ts';
import { peerLines } from '../views/peer-lines.ts';
import { queueView } from '../views/queue-view.ts';
import { statusLines } from '../views/status-lines.ts';
import type { ListOptions } from '../views/table.ts';
import { trashId } from '../views/trash-choice.ts';
import { wordOf, type CommandName } from './command-words.ts';
import { commandHelpLines, exampleOf, helpLines } from './help-lines.ts';
import { missingDevice, type Item, type Mistake, type PromptCommand } from './prompt-command.ts';

type Several = PromptCommand & { readonly type: 'pause' | 'resume' | 'cancel' | 'restore' };

const MAX_SHOWN = 100;
const CHANGED = { pause: 'prompt.paused', resume: 'prompt.resumed', cancel: 'prompt.cancelled' };
const UNCHANGED = {
  pause: 'command.nothing-to-pause',
  resume: 'command.all-goes-on',
  cancel: 'command.nothing-to-cancel',
};

/** Carries out commands, and remembers what was listed last, so that it can be chosen by number. */
export class Conversation {
  readonly #api: AgentApi;
  readonly #language: Language;
  readonly #onQueued: (downloads: readonly DownloadView[]) => void;
  #files: readonly FileView[] = [];
  #filesBy: 'find' | 'list' = 'find';
  #downloads: readonly DownloadView[] | undefined;
  #conflicts: readonly ConflictView[] | undefined;
  #trash: readonly TrashView[] | undefined;

  /** `onQueued` is told of the downloads that were asked for. */
  constructor(api: AgentApi, language: Language, onQueued: (downloads: readonly DownloadView[]) => void) {
    this.#api = api;
    this.#language = language;
    this.#onQueued = onQueued;
  }

  /** The files listed last. */
  get files(): readonly FileView[] {
    return this.#files;
  }

  /** The lines of the answer; errors are among them. `width` is the columns they may take. */
  async answer(command: PromptCommand, width: number): Promise<readonly string[]> {
    try {
      return await this.#carryOut(command, width);
    } catch (error) {
      const { message } = toError(error);
      const shown = isCompartidosError(error) ? error : new CompartidosError('INTERNAL', { message });
      return [explainError(this.#language, shown)];
    }
  }

  async #carryOut(command: PromptCommand, width: number): Promise<readonly string[]> {
    const language = this.#language;
    const api = this.#api;
    const options = { numbered: true, limit: MAX_SHOWN, width };
    switch (command.type) {
      case 'nothing':
      case 'quit':
        return [];
      case 'mistake':
        return this.#explain(command);
      case 'help':
        return command.about ? commandHelpLines(language, command.about) : helpLines(language, width);
      case 'status':
        return statusLines(language, await api.status(), await api.peers(), { width });
      case 'peers':
        return peerLines(language, await api.peers(), { width });
      case 'list':
        return this.#showFiles('list', await api.list(command.glob), options);
      case 'find':
        return this.#showFiles('find', await api.find(command.query), { ...options, holders: true });
      case 'get':
        return this.#get(command);
      case 'queue':
        return this.#showQueue(await api.queue(), options);
      case 'pause':
      case 'resume':
      case 'cancel': {
        const changed = await api[command.type](await this.#downloadIds(command));
        if (changed.length === 0) return [this.#say(UNCHANGED[command.type])];
        return [this.#say(CHANGED[command.type], { count: changed.length })];
      }
      case 'conflicts':
        this.#conflicts = await api.conflicts();
        return conflictLines(language, this.#conflicts, options);
      case 'resolve': {
        const path = await api.resolve(await this.#conflictPath(command.item), command.keep);
        return [this.#say('command.resolved', { path })];
      }
      case 'trash':
        this.#trash = await api.trash();
        return trashLines(language, this.#trash, options);
      case 'restore':
        return this.#restore(command);
      case 'check':
        return checkLines(language, await api.check());
      case 'rules':
        return ruleTestLines(language, effectsFirst(await api.testRules()), options);
    }
  }

  /** What has `number` in the list that `by` shows. */
  #chosen<Entry>(listed: readonly Entry[], number: number, by: CommandName): Entry {
    const entry = listed[number - 1];
    if (entry !== undefined) return entry;
    throw new CompartidosError('NOT_FOUND', {
      what: 'result',
      name: String(number),
      ...(listed.length > 0 ? { count: listed.length } : { look: 'nothing-listed' }),
      list: wordOf(by, this.#language),
    });
  }

  #say(key: string, fillings?: Fillings): string {
    return translate(this.#language, key, fillings);
  }

  #explain({ sentence, name, about, nearest }: Mistake): string[] {
    const language = this.#language;
    const fillings = {
      name,
      nearest: nearest?.map((each) => wordOf(each, language)).join(', '),
      example: about && exampleOf(language, about),
    };
    return [this.#say(sentence, fillings), this.#say('prompt.type-help')];
  }

  #showFiles(by: 'find' | 'list', files: readonly FileView[], options: FileLinesOptions): string[] {
    this.#filesBy = by;
    this.#files = files;
    return fileLines(this.#language, files, options);
  }

  #showQueue(downloads: readonly DownloadView[], options: ListOptions): readonly string[] {
    const { lines, shown } = queueView(this.#language, downloads, options);
    this.#downloads = shown;
    return lines;
  }

  async #get(command: PromptCommand & { readonly type: 'get' }): Promise<string[]> {
    const { lacksDevice } = command;
    let queued: readonly DownloadView[];
    try {
      queued = await this.#queued(command);
    } catch (error) {
      if (lacksDevice === undefined || !isCompartidosError(error, 'NOT_FOUND')) throw error;
      return this.#explain(missingDevice(lacksDevice));
    }
    if (queued.length === 0) return [this.#say('command.nothing-to-get')];
    const names =
      command.from === undefined ? command.items.flatMap((item) => ('name' in item ? [item.name] : [])) : [];
    const others = await otherFileLines(this.#language, this.#api, names, 'prompt.other-files');
    return [this.#say('command.queued', { count: queued.length }), ...others];
  }

  async #queued({
    items,
    from,
    readings,
  }: PromptCommand & { readonly type: 'get' }): Promise<DownloadView[]> {
    try {
      const selectors = items.map((item): FileSelector => {
        if ('name' in item) return { path: item.name };
        const { path, hash } = this.#chosen(this.#files, item.number, this.#filesBy);
        return { path, hash };
      });
      const queued = await this.#api.get(selectors, from === undefined ? {} : { from });
      this.#onQueued(queued);
      return queued;
    } catch (error) {
      if (!isCompartidosError(error, 'NOT_FOUND')) throw error;
      const [reading, ...others] = readings ?? [];
      if (!reading) throw error;
      const { name, from: device } = reading;
      const other = { items: [{ name }], from: device, readings: others };
      return this.#queued({ type: 'get', ...other }).catch((second: unknown) => {
        // What was said first is what is missing, and not what else it could have been.
        throw isCompartidosError(second, 'NOT_FOUND') ? error : second;
      });
    }
  }

  /** The ids of the downloads meant; of a name, all that have that path or match that pattern. */
  async #downloadIds({ items, whole }: Several): Promise<string[]> {
    if (items.length === 0) return [];
    const listed = this.#downloads ?? (await this.#api.queue());
    const current = await this.#api.queue();
    return meantBy(items, whole, current).flatMap((item) => {
      if ('number' in item) return [this.#chosen(listed, item.number, 'queue').id];
      const matches = isGlob(item.name) ? compileGlob(item.name) : undefined;
      const meant = current.filter(
        ({ id, path }) => path === item.name || id === item.name || matches?.(path),
      );
      if (meant.length === 0) throw new CompartidosError('NOT_FOUND', { what: 'download', name: item.name });
      return meant.map(({ id }) => id);
    });
  }

  async #conflictPath(item: Item): Promise<string> {
    if ('name' in item) return item.name;
    return this.#chosen(this.#conflicts ?? (await this.#api.conflicts()), item.number, 'conflicts').path;
  }

  async #restore({ items, whole }: Several): Promise<string[]> {
    const current = await this.#api.trash();
    const listed = this.#trash ?? current;
    const lines: string[] = [];
    for (const item of meantBy(items, whole, current)) {
      const id =
        'number' in item ? this.#chosen(listed, item.number, 'trash').id : trashId(current, item.name);
      lines.push(this.#say('command.restored', { path: await this.#api.restore(id) }));
    }
    return lines;
  }
}

/** Items of a list, or the one of them whose path is what several words are together. */
function meantBy(
  items: readonly Item[],
  whole: string | undefined,
  current: readonly { readonly path: string }[],
): readonly Item[] {
  const path = whole?.normalize('NFC');
  return path !== undefined && current.some((each) => each.path === path) ? [{ name: path }] : items;
}

/** What a rule leaves alone comes last where not all can be shown. */
function effectsFirst(tests: readonly RuleTestView[]): readonly RuleTestView[] {
  if (tests.length <= MAX_SHOWN) return tests;
  return [
    ...tests.filter(({ action }) => action !== 'none'),
    ...tests.filter(({ action }) => action === 'none'),
  ];
}
