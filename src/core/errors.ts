/**
 * Every error a user or a program can meet, by its stable code. The sentence for each is in `language/` under
 * `error.CODE`: what happened, to what, why, and what to do next. README.md lists the same codes.
 */
export const ERROR_CODES = [
  // core
  'INTERNAL',
  'ABORTED',
  'NATIVE_UNUSABLE',
  // config
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  // model
  'PATH_INVALID',
  'DEVICE_ID_INVALID',
  'GLOB_INVALID',
  // wire
  'FRAME_INVALID',
  'MESSAGE_INVALID',
  // security
  'IDENTITY_UNREADABLE',
  'ACCESS_DENIED',
  // transport
  'PORT_IN_USE',
  'PORT_FORBIDDEN',
  'CONNECTION_FAILED',
  'CONNECTION_CLOSED',
  'HANDSHAKE_FAILED',
  'REQUEST_TIMED_OUT',
  'REQUEST_REFUSED',
  // index
  'STATE_LOCKED',
  'STATE_UNWRITABLE',
  'STATE_TOO_NEW',
  'FOLDER_MISSING',
  'FOLDER_CHANGED',
  'WATCH_LIMIT',
  // transfer
  'NOT_FOUND',
  'NO_SOURCE',
  'SOURCE_CHANGED',
  'SOURCE_UNREADABLE',
  'HASH_MISMATCH',
  'DISK_FULL',
  'DISK_READ_ONLY',
  'DISK_ERROR',
  'PERMISSION_DENIED',
  'NAME_UNSUPPORTED',
  'FILE_TOO_LARGE',
  'OVER_MAX_SIZE',
  'OTHER_DISK',
  // faces
  'USAGE',
  'NO_AGENT',
  'OTHER_CONFIG',
  'AGENT_UNREACHABLE',
  'AGENT_STOPPED',
  'OUTPUT_FAILED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

/**
 * An error that can be shown. `code` is stable, `params` fill the sentence of that code. The message is for
 * logs and stack traces only; what people read comes from `language/`.
 */
export class CompartidosError extends Error {
  override readonly name = 'CompartidosError';
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(params)}`, options);
    this.code = code;
    this.params = params;
  }
}

/** Whether `error` is one of ours, of `code` if given. */
export function isCompartidosError(error: unknown, code?: ErrorCode): error is CompartidosError {
  return error instanceof CompartidosError && (code === undefined || error.code === code);
}

/** The `code` of a Node.js system error (`ENOENT`, `EADDRINUSE`…), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What was thrown, as an error: anything can be. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
