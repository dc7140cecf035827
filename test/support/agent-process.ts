import { watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvents } from '../../src/agent-api.ts';
import { connectAgent, type AgentClient } from '../../src/control/api-client.ts';
import { isCompartidosError } from '../../src/core/errors.ts';
import { LabProcess } from './lab-process.ts';
import type { LabHost } from './lab-host.ts';

/** The program as it ships. */
export const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'main.js');

export interface AgentOptions {
  /** Where config.yaml, the state and the shared folder lie; made if missing. */
  readonly home: string;
  /** Of config.yaml; the defaults if omitted. */
  readonly config?: string;
  /** In whose network it runs; this machine's own if omitted. */
  readonly host?: LabHost;
  /** Options of Node.js itself. */
  readonly nodeOptions?: readonly string[];
}

/** A real agent in a process of its own, and a connection to its local socket. */
export class AgentProcess {
  readonly home: string;
  readonly process: LabProcess;
  readonly api: AgentClient;

  private constructor(home: string, process: LabProcess, api: AgentClient) {
    this.home = home;
    this.process = process;
    this.api = api;
  }

  /** Resolves when the agent serves its local socket. Rejects when it ends before, with what it printed. */
  static async start(options: AgentOptions): Promise<AgentProcess> {
    const child = await AgentProcess.launch(options);
    const api = await served(join(options.home, '.compartidos'), child);
    await api.subscribe();
    return new AgentProcess(options.home, child, api);
  }

  /** Starts the process and waits for nothing. */
  static async launch({ home, config = '', host, nodeOptions = [] }: AgentOptions): Promise<LabProcess> {
    await mkdir(home, { recursive: true });
    const file = join(home, 'config.yaml');
    await writeFile(file, config);
    const args = [...nodeOptions, PROGRAM, 'start', '--no-prompt', '--config', file];
    const options = { cwd: home, env: { LANG: 'en_US.UTF-8' } };
    return host
      ? host.spawn(process.execPath, args, options)
      : new LabProcess(process.execPath, args, options);
  }

  /** The shared folder, absolute, or a place in it. */
  shared(...path: string[]): string {
    return join(this.home, 'compartidos', ...path);
  }

  /** Resolves with what `look` returns as soon as it returns something: asked now and after each event of the agent. */
  until<Result>(look: () => Promise<Result | undefined>, what: string, timeoutMs = 60_000): Promise<Result> {
    return new Promise((resolve, reject) => {
      let looking = false;
      let again = false;
      const removers: (() => void)[] = [];
      const settle = (action: () => void) => {
        clearTimeout(timer);
        for (const remove of removers) remove();
        action();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${what}: not within ${timeoutMs} ms`))),
        timeoutMs,
      );
      const lookOnce = async () => {
        again = true;
        if (looking) return;
        looking = true;
        try {
          while (again) {
            again = false;
            const result = await look();
            if (result !== undefined) settle(() => resolve(result));
          }
        } catch (error) {
          settle(() => reject(new Error(`${what}: ${String(error)}`, { cause: error })));
        } finally {
          looking = false;
        }
      };
      for (const event of ['peer', 'download', 'files'] satisfies (keyof AgentEvents)[]) {
        removers.push(this.api.events.on(event, () => void lookOnce()));
      }
      void lookOnce();
    });
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  async stop(): Promise<void> {
    if (this.process.ended) return;
    this.process.kill('SIGTERM');
    await this.process.exited;
  }
}

/** A connection to the agent that `child` is about to be: tried again whenever its state folder changes. */
async function served(stateFolder: string, child: LabProcess): Promise<AgentClient> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  return new Promise((resolve, reject) => {
    const watcher = watch(stateFolder, () => void tryIt());
    const end = (action: () => void) => {
      watcher.close();
      action();
    };
    const tryIt = async () => {
      try {
        const api = await connectAgent(stateFolder);
        end(() => resolve(api));
      } catch (error) {
        if (!isCompartidosError(error, 'NO_AGENT'))
          end(() => reject(new Error(`no connection to ${stateFolder}`, { cause: error })));
      }
    };
    void child.exited.then((how) => {
      const output = child.lines.map(({ text }) => text).join('\n');
      end(() => reject(new Error(`the agent ended with ${how}: ${output}${child.stderr}`)));
    });
    void tryIt();
  });
}
