import type { StartAgent } from './start-agent.ts';

/** What a command may use of the process it runs in. */
export interface CommandIo {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths on the command line start from it. */
  readonly workingFolder: string;
  /**
   * Aborted when the process is asked to end, by SIGINT, SIGTERM, SIGHUP or SIGBREAK. Until somebody asks for it, these
   * end the process at once.
   */
  readonly endRequested: () => AbortSignal;
  readonly startAgent: StartAgent;
}
