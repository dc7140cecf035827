import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The user's home folder, or undefined where there is none. */
export function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    // The user has no entry in the system's list of users.
    return undefined;
  }
}

/** `path` with the home folder in place of a `~` before it, for where no shell has seen to that. */
export function expandHome(path: string): string {
  const home = homeFolder();
  return home !== undefined && /^~(?:[/\\]|$)/.test(path) ? join(home, path.slice(1)) : path;
}
