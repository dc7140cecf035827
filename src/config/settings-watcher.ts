import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { watch, type FSWatcher } from 'chokidar';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { isCompartidosError, toError, type CompartidosError } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { explainError } from '../language/explain-error.ts';
import { loadSettings, type SettingsOverrides } from './load-settings.ts';
import type { Settings } from './settings.ts';

/** ms without another change before the file is read: editors write in several steps. */
const QUIET_MS = 100;

/** What is taken up while the agent runs; the rest waits for the next start. */
const LIVE_KEYS: ReadonlySet<keyof Settings> = new Set(['name', 'rules', 'limits', 'minFree', 'trash']);

export type SettingsEvents = {
  /** The file has changed and says something else; it is `current` now. */
  changed: [settings: Settings];
  /** The file has changed and is wrong; what was in force before still is. */
  broken: [error: CompartidosError];
};

export interface SettingsWatcherOptions {
  /** Absolute; it may be missing. */
  readonly file: string;
  /** What the agent was started with. */
  readonly settings: Settings;
  readonly overrides: SettingsOverrides;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Follows the changes of config.yaml. A file that goes away changes nothing. */
export class SettingsWatcher implements Startable {
  readonly events = new Emitter<SettingsEvents>();
  readonly #options: SettingsWatcherOptions;
  #current: Settings;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: SettingsWatcherOptions) {
    this.#options = options;
    this.#current = options.settings;
  }

  get current(): Settings {
    return this.#current;
  }

  async start(): Promise<void> {
    if (this.#watcher) return;
    const { file } = this.#options;
    const folder = dirname(file);
    // The folder is watched, since the file may be missing, and editors put another one in its place.
    const watcher = watch(folder, {
      ignoreInitial: true,
      depth: 0,
      ignored: (path) => path !== folder && path !== file,
    });
    this.#watcher = watcher;
    watcher.on('error', (error) => {
      const { message } = toError(error);
      this.#options.logger.warn('config.not-watched', { file: this.#options.file, message });
    });
    watcher.on('all', (event) => {
      if (event !== 'add' && event !== 'change') return;
      this.#timer?.cancel();
      this.#timer = this.#options.clock.after(QUIET_MS, () => {
        this.#reading = this.#reading.then(() => this.#read());
      });
    });
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  }

  async stop(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#timer?.cancel();
    await watcher?.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { file, overrides, logger, settings: running } = this.#options;
    // What the file says of the language waits for the next start.
    const { language } = running;
    try {
      const settings = await loadSettings(file, { optional: false, overrides, language });
      if (!this.#watcher || isDeepStrictEqual(settings, this.#current)) return;
      const later = waitingForRestart(running, settings);
      this.#current = settings;
      logger.info('config.reloaded', { file });
      if (later.length > 0) logger.warn('config.restart-needed', { keys: later.join(', ') });
      this.events.emit('changed', settings);
    } catch (error) {
      if (!this.#watcher || !isCompartidosError(error)) return;
      logger.error('config.broken', { ...error.params, message: explainError(language, error) });
      this.events.emit('broken', error);
    }
  }
}

/** The keys that differ and are not taken up while the agent runs. */
function waitingForRestart(running: Settings, wanted: Settings): string[] {
  const keys = Object.keys(wanted) as (keyof Settings)[];
  return keys
    .filter((key) => !LIVE_KEYS.has(key) && !isDeepStrictEqual(running[key], wanted[key]))
    .map(snakeCase);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
