/** What may accompany an event: plain values, never secrets and never a peer's raw bytes. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * A log of events. `event` is a stable dotted name in the past tense where something happened
 * (`peer.connected`, `download.failed`); its sentence for people is in `language/`, by the same name.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A logger that keeps nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
