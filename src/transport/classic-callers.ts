import type { Socket } from 'node:net';
import type { Startable } from '../core/lifecycle.ts';
import { plainAddress } from './address.ts';
import { BoundedSet } from './bounded-set.ts';
import { serveClassic, type ClassicServerParts } from './classic-server.ts';
import { endEarly } from './classic-socket.ts';

/**
 * Classic calls that are answered at a time, in all and from one address. Behind one address there may be a classroom,
 * each of whose computers asks for a few files at once. A call takes two descriptors and two chunks of a file.
 */
export const MAX_CLASSIC_CALLERS = 512;
export const MAX_CLASSIC_CALLERS_PER_ADDRESS = 128;
/** Addresses whose refusal was logged. */
const ADDRESSES_REMEMBERED = 1024;

/** Those who call in the classic protocol: they are answered unless there are too many, and none outlives `stop`. */
export class ClassicCallers implements Startable {
  readonly #parts: ClassicServerParts;
  readonly #addresses = new Map<Socket, string>();
  readonly #logged = new BoundedSet<string>(ADDRESSES_REMEMBERED);

  constructor(parts: ClassicServerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {}

  /** Nobody takes for complete what is cut by this. Whoever listens has to be stopped before. */
  async stop(): Promise<void> {
    for (const socket of [...this.#addresses.keys()]) endEarly(socket);
  }

  /** Answers the caller at the other end of `socket`, of whom `firstBytes` have been read. */
  receive(socket: Socket, firstBytes: Uint8Array): void {
    socket.on('error', () => {});
    const address = plainAddress(socket.remoteAddress ?? '');
    if (!this.#hasRoom(address)) {
      socket.resetAndDestroy();
      if (this.#logged.add(address)) {
        this.#parts.logger.info('caller.refused', { address, reason: 'too-many' });
      }
      return;
    }
    this.#addresses.set(socket, address);
    socket.once('close', () => this.#addresses.delete(socket));
    void serveClassic(socket, firstBytes, this.#parts);
  }

  #hasRoom(address: string): boolean {
    if (this.#addresses.size >= MAX_CLASSIC_CALLERS) return false;
    let same = 0;
    for (const other of this.#addresses.values()) if (other === address) same += 1;
    return same < MAX_CLASSIC_CALLERS_PER_ADDRESS;
  }
}
