import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Link, ListLinks } from './link.ts';

export type LinkMonitorEvents = {
  /** The links that there are now; also after the machine has slept, whatever has changed meanwhile. */
  changed: [links: readonly Link[]];
};

const POLL_MS = 1000;
/** Two polls this far apart by the wall clock: the machine was asleep. */
const ASLEEP_MS = 15_000;

/** Watches the network interfaces. Node.js has no event for their changes, so they are polled every second. */
export class LinkMonitor implements Startable {
  readonly events = new Emitter<LinkMonitorEvents>();
  readonly #clock: Clock;
  readonly #list: ListLinks;
  #links: readonly Link[] = [];
  #signature = '';
  #polledAt = 0;
  #timer: Timer | undefined;

  constructor({ clock, list }: { clock: Clock; list: ListLinks }) {
    this.#clock = clock;
    this.#list = list;
  }

  /** As of the last poll. */
  get links(): readonly Link[] {
    return this.#links;
  }

  async start(): Promise<void> {
    if (this.#timer) return;
    this.#look();
    this.#timer = this.#clock.every(POLL_MS, () => {
      if (this.#look()) this.events.emit('changed', this.#links);
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether something has changed since the last look. */
  #look(): boolean {
    const now = this.#clock.now();
    const slept = now - this.#polledAt > ASLEEP_MS;
    this.#polledAt = now;
    const links = this.#listed();
    if (!links) return slept;
    const signature = links.map(linkSignature).toSorted().join('\n');
    if (signature === this.#signature && !slept) return false;
    this.#links = links;
    this.#signature = signature;
    return true;
  }

  /** Some systems refuse now and then to list them; what was known then goes on. */
  #listed(): readonly Link[] | undefined {
    try {
      return this.#list();
    } catch {
      return undefined;
    }
  }
}

/** Differs whenever sockets that were opened on `link` have to be opened again. */
export function linkSignature({ name, mac, index, addresses }: Link): string {
  const texts = addresses.map(({ address, prefix }) => `${address}/${prefix}`).toSorted();
  return [name, mac, index, ...texts].join(' ');
}
