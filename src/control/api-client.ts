import { connect, type Socket } from 'node:net';
import type {
  AgentApi,
  AgentEvents,
  AgentStatus,
  CheckView,
  ConflictView,
  DownloadView,
  FileSelector,
  FileView,
  PeerView,
  RuleTestView,
  TrashView,
} from '../agent-api.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import {
  CompartidosError,
  ERROR_CODES,
  systemErrorCode,
  type ErrorCode,
  type ErrorParams,
} from '../core/errors.ts';
import { realPath } from '../core/real-path.ts';
import { systemClock } from '../core/system-clock.ts';
import { readAgentRecord } from './agent-record.ts';
import { MAX_SILENCE_MS } from './control-protocol.ts';
import { LineReader } from './line-reader.ts';

/** What the agent may answer in a line: an index of a million files and more. */
const MAX_REPLY_LENGTH = 2 ** 29 - 64;
/** Silence is counted in looks this many ms apart: time in which we did not run ourselves is a single one. */
const LOOK_MS = 1000;

/** The running agent, seen from another process of the same user. */
export interface AgentClient extends AgentApi {
  /** Asks for the events; without it none come. */
  subscribe(): Promise<void>;
  /** Resolves when the connection has ended, whoever ended it, with AGENT_STOPPED or AGENT_UNREACHABLE. */
  readonly closed: Promise<CompartidosError>;
  close(): void;
}

/**
 * Connects to the agent that runs on `stateFolder`; if `configFile`, absolute, is given, only to one that was started
 * with it. When it is silent for `MAX_SILENCE_MS`, the connection ends.
 * @throws NO_AGENT, OTHER_CONFIG, AGENT_UNREACHABLE, STATE_UNWRITABLE
 */
export async function connectAgent(
  stateFolder: string,
  { configFile, clock = systemClock }: { readonly configFile?: string; readonly clock?: Clock } = {},
): Promise<AgentClient> {
  const record = await readAgentRecord(stateFolder);
  if (!record) throw new CompartidosError('NO_AGENT', { folder: stateFolder });
  const socket = await open(record.socket, stateFolder);
  // Only now: the record of an agent that was killed is nobody's.
  if (configFile !== undefined && (await realPath(configFile)) !== (await realPath(record.config))) {
    socket.destroy();
    throw new CompartidosError('OTHER_CONFIG', { file: configFile, running: record.config });
  }
  return new SocketClient(socket, stateFolder, clock);
}

async function open(path: string, folder: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      const reason = systemErrorCode(error) ?? 'EIO';
      const gone = reason === 'ENOENT' || reason === 'ECONNREFUSED';
      const code = gone ? 'NO_AGENT' : 'AGENT_UNREACHABLE';
      reject(new CompartidosError(code, gone ? { folder } : { folder, reason }, { cause: error }));
    });
  });
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly params: ErrorParams };
  readonly event?: keyof AgentEvents;
  readonly args?: readonly unknown[];
}

class SocketClient implements AgentClient {
  readonly events = new Emitter<AgentEvents>();
  readonly closed: Promise<CompartidosError>;
  readonly #socket: Socket;
  readonly #folder: string;
  readonly #reader = new LineReader(MAX_REPLY_LENGTH);
  readonly #waiting = new Map<number, Waiting>();
  readonly #looks: Timer;
  #silentLooks = 0;
  #hasHeard = false;
  #hasStopped = false;
  #lastId = 0;

  constructor(socket: Socket, folder: string, clock: Clock) {
    this.#socket = socket;
    this.#folder = folder;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#failure())));
    this.#looks = clock.every(LOOK_MS, () => {
      this.#silentLooks += 1;
      if (this.#isSilent) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // One client too many is turned away without a word.
    socket.once('end', () => (this.#hasStopped = this.#hasHeard));
    socket.once('close', () => {
      this.#looks.cancel();
      for (const { reject } of this.#waiting.values()) reject(this.#failure());
      this.#waiting.clear();
    });
  }

  get #isSilent(): boolean {
    return this.#silentLooks * LOOK_MS >= MAX_SILENCE_MS;
  }

  status = () => this.#call<AgentStatus>('status');
  peers = () => this.#call<PeerView[]>('peers');
  list = (glob?: string) => this.#call<FileView[]>('list', ...(glob === undefined ? [] : [glob]));
  find = (query: string) => this.#call<FileView[]>('find', query);
  get = (selectors: readonly FileSelector[], options: { readonly from?: string } = {}) =>
    this.#call<DownloadView[]>('get', selectors, options);
  queue = () => this.#call<DownloadView[]>('queue');
  pause = (ids: readonly string[]) => this.#call<DownloadView[]>('pause', ids);
  resume = (ids: readonly string[]) => this.#call<DownloadView[]>('resume', ids);
  cancel = (ids: readonly string[]) => this.#call<DownloadView[]>('cancel', ids);
  conflicts = () => this.#call<ConflictView[]>('conflicts');
  resolve = (path: string, keep: 'ours' | 'theirs') => this.#call<string>('resolve', path, keep);
  trash = () => this.#call<TrashView[]>('trash');
  restore = (id: string) => this.#call<string>('restore', id);
  check = () => this.#call<CheckView>('check');
  testRules = () => this.#call<RuleTestView[]>('testRules');

  async stop(): Promise<void> {
    await this.#call('stop');
  }

  async subscribe(): Promise<void> {
    await this.#call('subscribe');
  }

  close(): void {
    this.#socket.destroy();
  }

  async #call<Result>(method: string, ...params: unknown[]): Promise<Result> {
    if (this.#socket.destroyed) throw this.#failure();
    const id = ++this.#lastId;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  #receive(chunk: Buffer): void {
    this.#silentLooks = 0;
    this.#hasHeard = true;
    const lines = this.#reader.read(chunk);
    try {
      for (const line of lines ?? []) this.#take(JSON.parse(line) as Reply);
    } catch {
      this.#socket.destroy();
    }
    if (!lines) this.#socket.destroy();
  }

  #take({ id, result, error, event, args }: Reply): void {
    if (event !== undefined) return this.events.emit(event, ...(args as AgentEvents[typeof event]));
    const waiting = this.#waiting.get(id ?? 0);
    this.#waiting.delete(id ?? 0);
    if (error) waiting?.reject(new CompartidosError(knownCode(error.code), error.params));
    else waiting?.resolve(result);
  }

  #failure(): CompartidosError {
    if (this.#hasStopped) return new CompartidosError('AGENT_STOPPED', { folder: this.#folder });
    const reason = this.#isSilent ? 'silent' : 'ECONNRESET';
    return new CompartidosError('AGENT_UNREACHABLE', { folder: this.#folder, reason });
  }
}

/** An agent of another release may know errors that we do not. */
function knownCode(code: string): ErrorCode {
  return ERROR_CODES.find((known) => known === code) ?? 'INTERNAL';
}
