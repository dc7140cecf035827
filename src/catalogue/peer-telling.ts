import { isIP } from 'node:net';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import { MAX_PEERS_TOLD } from '../wire/limits.ts';
import type { Peers } from '../wire/messages/message.ts';

export type ToldPeer = Peers['peers'][number];

export type PeerTellingEvents = {
  /** A peer says that it is connected to these; hearsay until they are verified. */
  told: [by: DeviceId, peers: readonly ToldPeer[]];
};

/** ms between two rounds of telling: where many agents start at once, each is told once of all. */
export const TELL_INTERVAL_MS = 1000;

/** Tells each peer of the others that we are connected to, for networks where multicast does not pass. */
export class PeerTelling implements Startable {
  readonly events = new Emitter<PeerTellingEvents>();
  readonly #network: Network;
  readonly #clock: Clock;
  /** What each session was last told. */
  readonly #told = new Map<PeerSession, string>();
  #removals: (() => void)[] = [];
  #lastRound = -Infinity;
  #round: Timer | undefined;
  #started = false;

  constructor(parts: { readonly network: Network; readonly clock: Clock }) {
    this.#network = parts.network;
    this.#clock = parts.clock;
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { events } = this.#network;
    this.#removals = [
      events.on('connected', () => this.#changed()),
      events.on('disconnected', (session) => {
        this.#told.delete(session);
        this.#changed();
      }),
      events.on('message', ({ device }, message) => {
        if (message.type === 'peers') this.events.emit('told', device, message.peers);
      }),
    ];
    if (this.#network.sessions().length > 0) this.#changed();
  }

  async stop(): Promise<void> {
    this.#started = false;
    for (const remove of this.#removals) remove();
    this.#removals = [];
    this.#round?.cancel();
    this.#round = undefined;
    this.#told.clear();
  }

  #changed(): void {
    if (this.#round) return;
    const wait = this.#lastRound + TELL_INTERVAL_MS - this.#clock.monotonic();
    if (wait <= 0) this.#tellAll();
    else {
      this.#round = this.#clock.after(wait, () => {
        this.#round = undefined;
        this.#tellAll();
      });
    }
  }

  #tellAll(): void {
    this.#lastRound = this.#clock.monotonic();
    const sessions = this.#network.sessions();
    for (const session of sessions) {
      const peers = sessions
        .filter((other) => other !== session && reachableFrom(session.host, other.host))
        .slice(0, MAX_PEERS_TOLD)
        .map(({ device, name, host, port }) => ({ device, name, host, port }));
      const text = JSON.stringify(peers);
      if (text === (this.#told.get(session) ?? '[]')) continue;
      this.#told.set(session, text);
      session.send({ type: 'peers', peers });
    }
  }
}

/** Whether an address that is good here can be good at `asker`: loopback and link-local ones mean others there. */
function reachableFrom(asker: string, address: string): boolean {
  if (isIP(address) === 0 || /^(fe[89ab]|169\.254\.)/i.test(address)) return false;
  return isLoopback(asker) || !isLoopback(address);
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.)/i.test(address);
}
