import { CompartidosError } from '../core/errors.ts';

/** What the system says when it has no watch left, and the setting that gives it more. */
const SETTINGS: Readonly<Record<string, string>> = {
  ENOSPC: 'fs.inotify.max_user_watches',
  EMFILE: 'fs.inotify.max_user_instances',
  ENFILE: 'fs.file-max',
};

/** WATCH_LIMIT when `code`, of a system error, says that no more directories can be watched. */
export function watchLimit(code: string): CompartidosError | undefined {
  const setting = SETTINGS[code];
  return setting === undefined ? undefined : new CompartidosError('WATCH_LIMIT', { reason: code, setting });
}
