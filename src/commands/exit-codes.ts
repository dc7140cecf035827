import type { ErrorCode } from '../core/errors.ts';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;
export const NO_AGENT_RUNNING = 3;
/** A person or the system has ended a command that waited; where there are signals, it ends by that one. */
export const INTERRUPTED = 130;

/** The exit code of a command that ends with this error. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'USAGE':
    case 'GLOB_INVALID':
    case 'CONFIG_INVALID':
    case 'CONFIG_UNREADABLE':
      return WRONG_USAGE;
    case 'NO_AGENT':
    case 'OTHER_CONFIG':
    case 'AGENT_STOPPED':
      return NO_AGENT_RUNNING;
    default:
      return FAILED;
  }
}
