import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { AgentApi } from '../agent-api.ts';
import { ApiSession } from './api-session.ts';
import type { Clock } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import { removeAgentRecord, writeAgentRecord } from './agent-record.ts';
import { prepareSocketPath } from './socket-path.ts';

const MAX_CLIENTS = 64;

export interface ApiServerOptions {
  readonly api: AgentApi;
  /** Absolute. Nobody else may run an agent on it: a socket that is there already is taken for a dead one's. */
  readonly stateFolder: string;
  /** The config file of the agent, absolute. */
  readonly configFile: string;
  readonly clock: Clock;
}

/** Serves the agent to other programs of the same user, over a socket in the state folder. */
export class ApiServer implements Startable {
  readonly #options: ApiServerOptions;
  readonly #sessions = new Map<Socket, ApiSession>();
  #server: Server | undefined;

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  /** @throws STATE_UNWRITABLE */
  async start(): Promise<void> {
    if (this.#server) return;
    const { stateFolder, configFile, api, clock } = this.#options;
    const server = createServer((socket) => this.#accept(socket));
    server.maxConnections = MAX_CLIENTS;
    this.#server = server;
    const path = await prepareSocketPath(stateFolder);
    if (process.platform !== 'win32') await rm(path, { force: true });
    await listenPrivately(server, path);
    server.on('error', () => {});
    const { port } = await api.status();
    await writeAgentRecord(stateFolder, {
      pid: process.pid,
      socket: path,
      port,
      config: configFile,
      started: new Date(clock.now()).toISOString(),
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    await removeAgentRecord(this.#options.stateFolder);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of this.#sessions.values()) session.end();
    await closed;
  }

  #accept(socket: Socket): void {
    const session = new ApiSession(this.#options.api, socket, this.#options.clock);
    this.#sessions.set(socket, session);
    socket.once('close', () => this.#sessions.delete(socket));
  }
}

/** The mask holds while the socket is made, which happens within the call: at no moment may others open it. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}
