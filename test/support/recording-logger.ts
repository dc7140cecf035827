import type { LogFields, Logger, LogLevel } from '../../src/core/logger.ts';

export interface LoggedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly events: LoggedEvent[] = [];

  debug(event: string, fields: LogFields = {}): void {
    this.events.push({ level: 'debug', event, fields });
  }

  info(event: string, fields: LogFields = {}): void {
    this.events.push({ level: 'info', event, fields });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.events.push({ level: 'warn', event, fields });
  }

  error(event: string, fields: LogFields = {}): void {
    this.events.push({ level: 'error', event, fields });
  }

  of(event: string): LoggedEvent[] {
    return this.events.filter((logged) => logged.event === event);
  }
}
