import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Emitter } from '../../src/core/emitter.ts';

/** A line that a process wrote to its standard output. */
export interface TimedLine {
  readonly text: string;
  /** ms on this process's monotonic clock, when the line was read. */
  readonly at: number;
}

export interface LabProcessOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child process whose output is kept line by line and can be waited for. */
export class LabProcess {
  readonly child: ChildProcess;
  /** Every line of standard output so far. */
  readonly lines: TimedLine[] = [];
  /** Standard error so far, its last 64 KiB. */
  stderr = '';
  /** Resolves with the exit code, or with the name of the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Whether it has ended. */
  ended = false;
  readonly #events = new Emitter<{ line: [line: TimedLine]; ended: [] }>();

  constructor(command: string, args: readonly string[], options: LabProcessOptions = {}) {
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-65_536);
    });
    createInterface({ input: this.child.stdout! }).on('line', (text) => {
      const line = { text, at: performance.now() };
      this.lines.push(line);
      this.#events.emit('line', line);
    });
    this.exited = new Promise((resolve) => {
      const end = (how: number | NodeJS.Signals): void => {
        this.ended = true;
        this.#events.emit('ended');
        resolve(how);
      };
      this.child.once('error', (error) => {
        this.stderr += `${error.message}\n`;
        end(127);
      });
      this.child.once('close', (code, signal) => end(code ?? signal ?? 1));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.child.kill(signal);
  }

  /**
   * The first line that `matches`, among those from index `from` on and those to come.
   * Rejects after `timeoutMs` or when the process ends first; the message holds the end of its output.
   */
  line(
    matches: (text: string) => boolean,
    {
      timeoutMs = 10_000,
      from = 0,
      what = 'a line',
    }: { timeoutMs?: number; from?: number; what?: string } = {},
  ): Promise<TimedLine> {
    const found = this.lines.slice(from).find(({ text }) => matches(text));
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        removeLine();
        removeEnded();
        action();
      };
      const fail = (why: string): void => {
        const tail = this.lines.slice(-20).map(({ text }) => text);
        const error = new Error(`${what}: ${why}\n${tail.join('\n')}\n${this.stderr.slice(-2000)}`);
        settle(() => reject(error));
      };
      const timer = setTimeout(() => fail(`not seen within ${timeoutMs} ms`), timeoutMs);
      const removeLine = this.#events.on('line', (line) => {
        if (matches(line.text)) settle(() => resolve(line));
      });
      const removeEnded = this.#events.on('ended', () => fail('the process ended first'));
      if (this.ended) fail('the process has ended');
    });
  }
}
