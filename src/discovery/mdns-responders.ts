import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Advertisement } from './advertisement.ts';
import type { Announcement } from './announcement.ts';
import { isLinkLocal } from './ip-address.ts';
import type { Family, Link } from './link.ts';
import { linkSignature } from './link-monitor.ts';
import { MdnsInterface } from './mdns-interface.ts';
import { RateLimit, type Rate } from './rate-limit.ts';

export type MdnsRespondersEvents = {
  /**
   * Another device says that it is there (or leaves), or somebody elsewhere says so of this one; `source` is where the
   * packet came from, with its zone.
   */
  announced: [announcement: Announcement, source: string];
};

interface Responder {
  readonly link: Link;
  readonly family: Family;
  /** Differs whenever the responder has to be replaced. */
  readonly signature: string;
  current: MdnsInterface | undefined;
  /** In a row. */
  failures: number;
  retry: Timer | undefined;
}

/** Each takes two sockets; the links that come last are left out. */
const MAX_LINKS = 64;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** An interface without multicast (a tunnel) fails for ever: that is worth one line, not thousands. */
const LOG_RATE: Rate = { burst: 1, perSecond: 1 / 3600 };

/** One MdnsInterface for each link and IP family, replaced when the link changes and when it fails. */
export class MdnsResponders {
  readonly events = new Emitter<MdnsRespondersEvents>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #responders = new Map<string, Responder>();
  readonly #warnings = new Map<string, RateLimit>();
  #advertisement: Advertisement | undefined;
  /** Counts the updates: one that had to wait is void when another has come meanwhile. */
  #update = 0;

  constructor({ clock, random, logger }: { clock: Clock; random: Random; logger: Logger }) {
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
  }

  /** Announces `advertisement` on `links` and nowhere else; those that stay as they were ask again. */
  async update(links: readonly Link[], advertisement: Advertisement): Promise<void> {
    this.#advertisement = advertisement;
    const update = ++this.#update;
    const wanted = new Map(links.slice(0, MAX_LINKS).flatMap((link) => respondersOf(link, advertisement)));
    const leaving: Promise<void>[] = [];
    for (const [key, responder] of this.#responders) {
      if (wanted.get(key)?.signature === responder.signature) continue;
      this.#responders.delete(key);
      leaving.push(this.#close(responder, { goodbye: wanted.has(key) }));
    }
    for (const responder of this.#responders.values()) responder.current?.askAgain();
    await Promise.all(leaving);
    if (this.#update !== update) return;
    for (const [key, responder] of wanted) {
      if (this.#responders.has(key)) continue;
      this.#responders.set(key, responder);
      this.#open(key, responder);
    }
  }

  /** Asks everywhere within a second, unless others do. */
  askSoon(): void {
    for (const { current } of this.#responders.values()) current?.askSoon();
  }

  /** Says goodbye everywhere. */
  async stop(): Promise<void> {
    this.#advertisement = undefined;
    this.#update++;
    const responders = [...this.#responders.values()];
    this.#responders.clear();
    await Promise.all(responders.map((responder) => this.#close(responder, { goodbye: true })));
  }

  #open(key: string, responder: Responder): void {
    const { link, family } = responder;
    if (!this.#advertisement) return;
    try {
      const current = new MdnsInterface({
        link,
        family,
        advertisement: this.#advertisement,
        clock: this.#clock,
        random: this.#random,
      });
      responder.current = current;
      current.events.on('announced', (announcement, source) =>
        this.events.emit('announced', announcement, source),
      );
      current.events.on('working', () => (responder.failures = 0));
      current.events.on('failed', (error) => this.#replace(key, responder, error));
      current.events.on('mishandled', (error) => this.#warn(key, 'mdns.packet_mishandled', responder, error));
    } catch (error) {
      this.#replace(key, responder, error);
    }
  }

  #replace(key: string, responder: Responder, error: unknown): void {
    this.#warn(key, 'mdns.failed', responder, error);
    void this.#close(responder, { goodbye: false });
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(16, responder.failures));
    responder.failures++;
    responder.retry = this.#clock.after(delay, () => this.#open(key, responder));
  }

  async #close(responder: Responder, how: { goodbye: boolean }): Promise<void> {
    const { current, retry } = responder;
    retry?.cancel();
    responder.current = undefined;
    await current?.stop(how);
  }

  #warn(key: string, event: string, { link, family }: Responder, error: unknown): void {
    const limit = this.#warnings.get(key) ?? new RateLimit(LOG_RATE);
    this.#warnings.set(key, limit);
    if (this.#warnings.size > 256) this.#warnings.delete(this.#warnings.keys().next().value!);
    const reason = systemErrorCode(error) ?? (error instanceof Error ? error.message : 'unknown');
    const level = limit.take(this.#clock.monotonic()) ? 'warn' : 'debug';
    this.#logger[level](event, { interface: link.name, family, reason });
  }
}

function respondersOf(link: Link, advertisement: Advertisement): [key: string, responder: Responder][] {
  const signature = `${linkSignature(link)} ${JSON.stringify(advertisement)}`;
  const families: Family[] = [];
  if (link.addresses.some(({ family }) => family === 'ipv4')) families.push('ipv4');
  if (link.addresses.some(({ address }) => isLinkLocal(address))) families.push('ipv6');
  return families.map((family) => [
    `${link.name}/${family}`,
    { link, family, signature, current: undefined, failures: 0, retry: undefined },
  ]);
}
