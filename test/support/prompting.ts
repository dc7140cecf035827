import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { Prompt } from '../../src/prompt/prompt.ts';
import { FakeAgent } from './fake-agent.ts';
import { FakeClock } from './fake-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { TerminalEmulator } from './terminal-emulator.ts';

/** A terminal to wait at. */
export class FakeTerminal extends TerminalEmulator {
  #waiting: (() => void)[] = [];

  override write(text: string): void {
    super.write(text);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  on(): this {
    return this;
  }

  off(): this {
    return this;
  }

  /** Resolves when the lines, as one text, match. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.lines.join('\n')))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** A prompt on a terminal of its own, in front of a fake agent; stopped after the test. */
export async function prompting(t: ExecutionContext, language: 'en' | 'es' = 'en') {
  const api = new FakeAgent();
  const clock = new FakeClock();
  const input = new PassThrough();
  const terminal = new FakeTerminal(100, 30);
  const historyFile = join(await temporaryFolder(t), 'history');
  const prompt = new Prompt({
    api,
    input: input as unknown as NodeJS.ReadStream,
    output: terminal as unknown as NodeJS.WriteStream,
    language,
    historyFile,
    clock,
  });
  await prompt.start();
  t.teardown(() => prompt.stop());
  const type = (text: string) => void input.write(text);
  return { api, clock, terminal, prompt, type, historyFile, input: input as Readable };
}
