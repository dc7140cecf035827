import type { Connection } from './connection.ts';

/** Connections that others opened and that have no place in a session yet, in all and from one address. */
const MAX_CALLERS = 256;
const MAX_CALLERS_PER_ADDRESS = 32;

/** Those who have called, have proved who they are, and wait for their place. */
export class Callers {
  readonly #waiting = new Set<Connection>();

  /** Whether one more from `address` may wait. */
  hasRoom(address: string): boolean {
    if (this.#waiting.size >= MAX_CALLERS) return false;
    let same = 0;
    for (const { secure } of this.#waiting) if (secure.address === address) same += 1;
    return same < MAX_CALLERS_PER_ADDRESS;
  }

  /** Keeps `connection` until it is closed or placed. */
  add(connection: Connection): void {
    this.#waiting.add(connection);
    connection.events.once('closed', () => this.#waiting.delete(connection));
  }

  /** Whether `connection` waits for its place. */
  has(connection: Connection): boolean {
    return this.#waiting.has(connection);
  }

  /** `connection` has a place now. */
  placed(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  /** Data connections that wait for their session. */
  waitingForSession(): Connection[] {
    return [...this.#waiting].filter(({ peer }) => peer?.role === 'data');
  }
}
