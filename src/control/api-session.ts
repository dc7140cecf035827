import type { Socket } from 'node:net';
import { ZodError } from 'zod';
import type { AgentApi } from '../agent-api.ts';
import type { Clock, Timer } from '../core/clock.ts';
import {
  CompartidosError,
  isCompartidosError,
  toError,
  type ErrorCode,
  type ErrorParams,
} from '../core/errors.ts';
import {
  EVENTS,
  MAX_REQUEST_LENGTH,
  METHODS,
  requestSchema,
  SIGN_OF_LIFE_MS,
  type Request,
} from './control-protocol.ts';
import { LineReader } from './line-reader.ts';

/** Requests of one client that are being worked on; it is not read from while there are more. */
const MAX_PENDING = 32;
/** Of what a client has not read: with more it is not read from. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** Of events alone, which come unasked: a subscriber with more does not read, and is dropped. */
const MAX_UNREAD_EVENT_BYTES = 16 * 1024 * 1024;

/** One client of the local socket: answers its requests until it goes. */
export class ApiSession {
  readonly #api: AgentApi;
  readonly #socket: Socket;
  readonly #reader = new LineReader(MAX_REQUEST_LENGTH);
  readonly #signsOfLife: Timer;
  #unsubscribe: (() => void)[] = [];
  #pending = 0;
  /** What is said in this turn. */
  #gathered = '';
  /** Characters of events in it, and in what the client has not read yet. */
  #gatheredEvents = 0;
  #unreadEvents = 0;

  constructor(api: AgentApi, socket: Socket, clock: Clock) {
    this.#api = api;
    this.#socket = socket;
    // Nothing is added to what already waits for a client that does not read.
    this.#signsOfLife = clock.every(SIGN_OF_LIFE_MS, () => {
      if (this.#unread === 0) this.#send({ alive: true });
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#keepPace());
    socket.once('close', () => this.#fallSilent());
  }

  /** Lets what was answered go out, and closes. */
  end(): void {
    this.#fallSilent();
    this.#write();
    this.#socket.destroySoon();
  }

  #receive(chunk: Buffer): void {
    const lines = this.#reader.read(chunk);
    for (const line of lines ?? []) {
      const request = parseRequest(line);
      if (!request) return this.#refuse();
      void this.#answer(request);
    }
    if (!lines) this.#refuse();
  }

  async #answer({ id, method, params }: Request): Promise<void> {
    this.#pending += 1;
    this.#keepPace();
    try {
      this.#send({ id, result: (await this.#call(method, params)) ?? null });
    } catch (error) {
      this.#send({ id, error: describe(error) });
    }
    this.#pending -= 1;
    this.#keepPace();
  }

  /** A client that asks faster than it is answered, or does not read its answers, is not read from. */
  #keepPace(): void {
    if (this.#pending < MAX_PENDING && this.#unread < MAX_UNREAD_BYTES) this.#socket.resume();
    else this.#socket.pause();
  }

  get #unread(): number {
    return this.#socket.writableLength + this.#gathered.length;
  }

  async #call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === 'subscribe') return this.#subscribe();
    if (!Object.hasOwn(METHODS, method))
      throw new CompartidosError('USAGE', { message: `no method ${method}` });
    return METHODS[method as keyof typeof METHODS].call(this.#api, params);
  }

  #subscribe(): void {
    if (this.#unsubscribe.length > 0 || this.#socket.destroyed) return;
    this.#unsubscribe = EVENTS.map((event) =>
      this.#api.events.on(event, (...args) => {
        const length = this.#send({ event, args });
        this.#gatheredEvents += length;
        this.#unreadEvents += length;
        if (this.#unreadEvents > MAX_UNREAD_EVENT_BYTES) this.#socket.destroy();
      }),
    );
  }

  #fallSilent(): void {
    this.#signsOfLife.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
  }

  #refuse(): void {
    this.#socket.removeAllListeners('data');
    this.#send({ id: null, error: { code: 'USAGE', params: { message: 'This is not a request.' } } });
    this.end();
  }

  /**
   * What is said in one turn goes out in one write: thousands of small files begin and end in a second. Returns how many
   * characters it is.
   */
  #send(message: unknown): number {
    if (!this.#socket.writable) return 0;
    if (this.#gathered === '') setImmediate(() => this.#write());
    const line = `${JSON.stringify(message)}\n`;
    this.#gathered += line;
    return line.length;
  }

  #write(): void {
    const events = this.#gatheredEvents;
    if (this.#gathered !== '' && this.#socket.writable) {
      this.#socket.write(this.#gathered, () => (this.#unreadEvents -= events));
    }
    this.#gathered = '';
    this.#gatheredEvents = 0;
  }
}

function parseRequest(line: string): Request | undefined {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function describe(error: unknown): { code: ErrorCode; params: ErrorParams } {
  if (isCompartidosError(error)) return { code: error.code, params: error.params };
  if (error instanceof ZodError) {
    return { code: 'USAGE', params: { message: error.message.slice(0, 500) } };
  }
  return { code: 'INTERNAL', params: { message: toError(error).message } };
}
