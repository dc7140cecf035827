import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { decodeText } from '../core/text-decoding.ts';
import { CompartidosError, isCompartidosError, systemErrorCode } from '../core/errors.ts';
import { languageOfLocale } from '../language/translate.ts';
import { configInvalid, type ConfigProblem } from './config-problem.ts';
import { homeFolder } from './home-folder.ts';
import { parseSettings, type SettingsContext } from './parse-settings.ts';
import type { Settings } from './settings.ts';
import { isShareable } from './shareable-folder.ts';
import { YamlSource } from './yaml-source.ts';

/** Bytes; nobody writes a longer one by hand. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** A named pipe is opened at once, whether somebody writes to it or not. Windows has neither. */
const NONBLOCKING = constants.O_NONBLOCK ?? 0;

/** What the command line says over the config. */
export interface SettingsOverrides {
  readonly name?: string;
  /** Absolute. */
  readonly folder?: string;
  readonly port?: number;
}

export interface LoadOptions {
  /** The file may be missing; then all is default. */
  readonly optional: boolean;
  /** Whether a file with nothing in it means these settings, as by default, or cannot be read. */
  readonly mayBeEmpty?: (settings: Settings) => boolean;
  readonly overrides?: SettingsOverrides;
  /** The language when the config names none; that of the locale by default. */
  readonly language?: 'es' | 'en';
}

/**
 * Loads `file`.
 * @throws CONFIG_INVALID for the first thing that is wrong, without a place when the overrides are, CONFIG_UNREADABLE
 */
export async function loadSettings(file: string, options: LoadOptions): Promise<Settings> {
  const { overrides, mayBeEmpty } = options;
  if (overrides?.folder !== undefined && !(await isShareable(overrides.folder, homeFolder()))) {
    const fields = { problem: 'not-shareable', key: '--folder', got: overrides.folder };
    throw new CompartidosError('CONFIG_INVALID', fields);
  }
  const result = await examineConfig(file, options);
  if ('problems' in result) throw configInvalid(resolve(file), result.problems[0]!);
  const settings = { ...result.settings, ...overrides };
  if (result.isEmpty && mayBeEmpty?.(settings) === false)
    throw new CompartidosError('CONFIG_UNREADABLE', { file: resolve(file), reason: 'empty' });
  return settings;
}

/** A config with nothing wrong in it. */
export interface ExaminedConfig {
  readonly settings: Settings;
  /** There is no such file. */
  readonly isMissing: boolean;
  /** Nothing is in the file, or it is missing. */
  readonly isEmpty: boolean;
}

/**
 * All that is wrong with `file`, or the settings it makes.
 * @throws CONFIG_UNREADABLE
 */
export async function examineConfig(
  file: string,
  options: LoadOptions,
): Promise<ExaminedConfig | { readonly problems: readonly ConfigProblem[] }> {
  const path = resolve(file);
  const found = await readBounded(path, options.optional);
  const bytes = found ?? new Uint8Array();
  if (bytes.length > MAX_CONFIG_BYTES) return { problems: [{ line: 1, column: 1, problem: 'too-large' }] };
  const text = decodeText(bytes);
  if (text === undefined) return { problems: [{ line: 1, column: 1, problem: 'not-text' }] };
  const context: SettingsContext = {
    file: path,
    hostname: hostname(),
    language: options.language ?? localeLanguage(process.env),
  };
  const result = parseSettings(text, context);
  if ('problems' in result) return result;
  const { folder } = result.settings;
  if (options.overrides?.folder !== undefined || (await isShareable(folder, homeFolder())))
    return { ...result, isMissing: found === undefined, isEmpty: bytes.length === 0 };
  const position = new YamlSource(text).positionOf(['folder']);
  return { problems: [{ ...position, problem: 'not-shareable', key: 'folder', got: folder }] };
}

/** @throws CONFIG_UNREADABLE, whatever `file` says */
export async function requireConfig(file: string): Promise<void> {
  await readBounded(resolve(file), false);
}

/** Where the state of the agent of a config file lives: one agent at a time has the configs of a folder. */
export function stateFolderOf(configFile: string): string {
  return join(dirname(resolve(configFile)), '.compartidos');
}

/** The language of the locale: POSIX variables where they are set, else what the system says. */
export function localeLanguage(environment: Readonly<Record<string, string | undefined>>): 'es' | 'en' {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  return languageOfLocale(LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale);
}

/** Undefined when the file is missing and may be. */
async function readBounded(path: string, optional: boolean): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | NONBLOCKING);
    try {
      const facts = await handle.stat();
      // Of a pipe or a terminal it is not known when there is more to come.
      if (!facts.isFile() && !facts.isDirectory())
        throw new CompartidosError('CONFIG_UNREADABLE', { file: path, reason: 'special' });
      const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isCompartidosError(error)) throw error;
    const reason = systemErrorCode(error) ?? 'EIO';
    if (optional && reason === 'ENOENT') return undefined;
    throw new CompartidosError('CONFIG_UNREADABLE', { file: path, reason }, { cause: error });
  }
}
