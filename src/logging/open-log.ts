import { Writable } from 'node:stream';
import winston from 'winston';
import type { LogFields, Logger, LogLevel } from '../core/logger.ts';
import type { Language } from '../language/translate.ts';
import { jsonLine, logSentence, type LogSentence } from './log-line.ts';
import { RotatingFile } from './rotating-file.ts';

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3 };

export interface LogOptions {
  readonly level: LogLevel;
  /** The file of JSON lines, absolute; its folder is made. */
  readonly file: string;
  /** Bytes after which a new file is begun, and how many are kept. */
  readonly maxSize: number;
  readonly files: number;
  readonly language: Language;
  /** Takes each event for people. */
  readonly show: (shown: LogSentence) => void;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

export interface Log extends Logger {
  /** Resolves when all that was logged is in the file. Idempotent. */
  close(): Promise<void>;
}

interface Line {
  readonly level: LogLevel;
  readonly event: string;
  readonly time: number;
  readonly fields: LogFields;
}

const LINE = Symbol('line');
const MESSAGE = Symbol.for('message');

/**
 * Opens the log: sentences for people, and JSON lines in a file that rotates. A file that fails stops nothing.
 * (winston's own file transport loses lines when it is closed while it rotates.)
 */
export function openLog(options: LogOptions): Log {
  const stream = new RotatingFile(options.file, options.maxSize, options.files);
  const file = new winston.transports.Stream({
    stream,
    eol: '\n',
    format: lineFormat(({ time, level, event, fields }) => jsonLine(time, level, event, fields)),
  });
  const people = new winston.transports.Stream({
    stream: new Writable({
      objectMode: true,
      write(info: Readonly<Record<symbol, unknown>>, _encoding, done) {
        const { time, level, event, fields } = info[LINE] as Line;
        options.show(logSentence(options.language, time, level, event, fields));
        done();
      },
    }),
  });
  const logger = winston.createLogger({
    levels: LEVELS,
    level: options.level,
    transports: [file, people],
    exitOnError: false,
  });
  let closed: Promise<void> | undefined;
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (closed || LEVELS[level] > LEVELS[options.level]) return;
      const line: Line = { level, event, time: options.now(), fields };
      logger.log({ level, message: event, [LINE]: line });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    close() {
      closed ??= new Promise<void>((resolve) => {
        logger.once('finish', () => stream.end(() => resolve()));
        logger.end();
      });
      return closed;
    },
  };
}

function lineFormat(render: (line: Line) => string): winston.Logform.Format {
  return winston.format((info) => {
    info[MESSAGE] = render(info[LINE] as Line);
    return info;
  })();
}
