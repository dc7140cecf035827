import { isDeepStrictEqual } from 'node:util';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { isCompartidosError, type CompartidosError } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { FileWatch } from './file-watch.ts';
import { loadSettings, type SettingsOverrides } from './load-settings.ts';
import type { Settings } from './settings.ts';

/** ms without another change before the file is read: editors write in several steps. */
const QUIET_MS = 100;

/** What is taken up while the agent runs; the rest waits for the next start. */
const LIVE_KEYS: ReadonlySet<keyof Settings> = new Set(['name', 'rules', 'limits', 'minFree', 'trash']);

export type SettingsEvents = {
  /** The file has changed and says something else; it is `current` now. */
  changed: [settings: Settings];
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

/** Follows the changes of config.yaml. A file that goes away or is emptied changes nothing. */
export class SettingsWatcher implements Startable {
  readonly events = new Emitter<SettingsEvents>();
  readonly #options: SettingsWatcherOptions;
  #current: Settings;
  #problem: CompartidosError | undefined;
  #watch: FileWatch | undefined;
  #timer: Timer | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: SettingsWatcherOptions) {
    this.#options = options;
    this.#current = options.settings;
  }

  get current(): Settings {
    return this.#current;
  }

  /** What is wrong with the file now, so that what was in force before still is. */
  get problem(): CompartidosError | undefined {
    return this.#problem;
  }

  async start(): Promise<void> {
    if (this.#watch) return;
    const { file, clock, logger } = this.#options;
    const watch = new FileWatch(
      file,
      () => {
        this.#timer?.cancel();
        this.#timer = clock.after(QUIET_MS, () => this.#readLater());
      },
      ({ message }) => logger.warn('config.not-watched', { file, message }),
    );
    this.#watch = watch;
    await watch.follow();
    // It may have changed since the settings were loaded.
    this.#readLater();
  }

  async stop(): Promise<void> {
    this.#watch?.close();
    this.#watch = undefined;
    this.#timer?.cancel();
    await this.#reading;
  }

  #readLater(): void {
    this.#reading = this.#reading.then(() => this.#read());
  }

  async #read(): Promise<void> {
    const { file, logger, settings: running } = this.#options;
    try {
      await this.#watch?.follow();
      const settings = await this.#load();
      if (!this.#watch) return;
      const isSame = isDeepStrictEqual(settings, this.#current);
      if (isSame && !this.#problem) return;
      this.#problem = undefined;
      const later = waitingForRestart(running, settings);
      this.#current = settings;
      logger.info('config.reloaded', { file });
      if (later.length > 0) logger.warn('config.restart-needed', { keys: later.join(', ') });
      if (!isSame) this.events.emit('changed', settings);
    } catch (error) {
      if (!this.#watch || !isCompartidosError(error)) return;
      if (isMissing(error)) {
        // What was wrong in it is not there any more, but it is not mended either.
        this.#problem &&= error;
        return;
      }
      this.#problem = error;
      logger.error('config.broken', { ...error.params, error: error.code });
    }
  }

  #load(): Promise<Settings> {
    const { file, overrides, settings: running } = this.#options;
    return loadSettings(file, {
      optional: false,
      // Whoever writes a file anew empties it first, and where the disk is full nothing more comes: to go by that would
      // forget the rules, and remove for good what the trash is to keep. From the start it may have been empty.
      mayBeEmpty: (settings) => isDeepStrictEqual(settings, this.#current),
      overrides,
      // What the file says of the language waits for the next start.
      language: running.language,
    });
  }
}

function isMissing({ code, params }: CompartidosError): boolean {
  return code === 'CONFIG_UNREADABLE' && params['reason'] === 'ENOENT';
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
