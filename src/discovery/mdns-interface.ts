import type { RemoteInfo } from 'node:dgram';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Random } from '../core/random.ts';
import type { Advertisement } from './advertisement.ts';
import { parseAnnouncements, type Announcement } from './announcement.ts';
import { AnswerLimit } from './answer-limit.ts';
import { BonjourOnLink } from './bonjour-on-link.ts';
import { datagramFilter } from './datagram-filter.ts';
import { questionsOf, recordsOf } from './dns-records.ts';
import { GuardedSocket } from './guarded-socket.ts';
import { withoutZone } from '../transport/address.ts';
import type { Family, Link } from './link.ts';
import {
  delayToNextRound,
  FIRST_ROUND,
  heardOther,
  heardOurselves,
  SECOND_ROUND,
  takeRound,
  type QuerySchedule,
} from './query-schedule.ts';
import { SERVICE_NAME } from './service-name.ts';

export type MdnsInterfaceEvents = {
  /**
   * Another device says that it is there (or leaves), or somebody elsewhere says so of this one; `source` is where the
   * packet came from, with its zone.
   */
  announced: [announcement: Announcement, source: string];
  /** It cannot go on and has to be replaced. */
  failed: [error: unknown];
  /** A packet made a listener or a handler throw; it was dropped. */
  mishandled: [error: unknown];
  /** It hears what it sends. */
  working: [];
};

export interface MdnsInterfaceOptions {
  readonly link: Link;
  readonly family: Family;
  readonly advertisement: Advertisement;
  readonly clock: Clock;
  readonly random: Random;
}

/** RFC 6762 section 6.7: answers come from this port. */
const MDNS_PORT = 5353;
/** RFC 6762 section 8.3: at least two announcements, a second apart. */
const SECOND_ANNOUNCEMENT_MS = 1000;
/** The library falls silent after 55 minutes. */
const ANNOUNCEMENT_INTERVAL_MS = 30 * 60_000;
/** How long the goodbye may take to leave. */
const GOODBYE_MS = 300;

/** Announces this device on one link, over one IP family, and hears the others there. */
export class MdnsInterface {
  readonly events = new Emitter<MdnsInterfaceEvents>();
  readonly #options: MdnsInterfaceOptions;
  readonly #socket: GuardedSocket;
  readonly #bonjour: BonjourOnLink;
  readonly #answers: AnswerLimit;
  readonly #own: ReadonlySet<string>;
  readonly #timers = new Set<Timer>();
  #schedule: QuerySchedule = FIRST_ROUND;
  #round: Timer | undefined;
  #ready = false;
  #stopped = false;

  /** Opens its socket at once; it works as soon as that is bound. */
  constructor(options: MdnsInterfaceOptions) {
    const { link, family, advertisement, clock } = options;
    this.#options = options;
    this.#own = new Set(link.addresses.map(({ address }) => address));
    this.#answers = new AnswerLimit(advertisement.device);
    this.#socket = new GuardedSocket({
      type: family === 'ipv6' ? 'udp6' : 'udp4',
      accepts: datagramFilter(link, advertisement.device, () => clock.monotonic()),
      onUnusable: (error) => this.#fail(error),
      onMishandled: (error) => this.events.emit('mishandled', error),
    });
    this.#bonjour = new BonjourOnLink({
      link,
      family,
      advertisement,
      socket: this.#socket,
      handlers: {
        onReady: () => this.#begin(),
        onQuery: (packet, source) => this.#hearQuery(packet, source),
        onResponse: (packet, source) => this.#hearResponse(packet, source),
        onError: (error) => this.#fail(error),
      },
    });
  }

  /** Asks at once, and then as often as after a start. */
  askAgain(): void {
    if (!this.#ready || this.#stopped) return;
    this.#schedule = FIRST_ROUND;
    this.#takeRound();
  }

  /** Asks within a second, unless another host does, and then as often as after a start. */
  askSoon(): void {
    if (!this.#ready || this.#stopped || this.#schedule.unheard > 0) return;
    this.#schedule = SECOND_ROUND;
    this.#planRound();
  }

  /** Handles a datagram as if it had arrived at the socket: for tests. */
  receive(datagram: Buffer, source: RemoteInfo): void {
    if (!this.#stopped) this.#socket.receive(datagram, source);
  }

  /** Closes its socket; says goodbye before when `goodbye`. Idempotent. */
  async stop({ goodbye }: { goodbye: boolean }): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.events.removeAllListeners();
    this.#round?.cancel();
    for (const timer of this.#timers) timer.cancel();
    if (goodbye && this.#ready) {
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.after(GOODBYE_MS, resolve);
        this.#bonjour.leave(() => {
          timer.cancel();
          resolve();
        });
      });
    }
    this.#bonjour.destroy();
  }

  #begin(): void {
    if (this.#stopped) return;
    this.#ready = true;
    const { clock } = this.#options;
    this.#timers.add(clock.after(SECOND_ANNOUNCEMENT_MS, () => this.#bonjour.announce()));
    this.#timers.add(clock.every(ANNOUNCEMENT_INTERVAL_MS, () => this.#bonjour.announce()));
    this.#takeRound();
  }

  #takeRound(): void {
    const { action, next } = takeRound(this.#schedule, this.#options.random.next());
    this.#schedule = next;
    if (action === 'recreate') {
      this.#fail(new Error('not-heard'));
      return;
    }
    if (action === 'query') this.#bonjour.ask({ name: SERVICE_NAME, type: 'PTR' });
    this.#planRound();
  }

  #planRound(): void {
    const { clock, random } = this.#options;
    this.#round?.cancel();
    this.#round = clock.after(delayToNextRound(this.#schedule, random.next()), () => this.#takeRound());
  }

  #hearQuery(packet: unknown, { address }: RemoteInfo): void {
    if (this.#stopped) return;
    const questions = questionsOf(packet);
    const known = recordsOf(packet, 'answers');
    const browses = questions.some(({ name, type }) => name === SERVICE_NAME && type === 'PTR');
    // Another agent on this host has the same address: as many queries as we have sent are ours, the rest are not.
    if (browses && this.#schedule.unheard > 0 && this.#own.has(withoutZone(address))) {
      this.#schedule = heardOurselves(this.#schedule);
      this.#planRound();
      this.events.emit('working');
      return;
    }
    if (browses && known.length === 0) this.#schedule = heardOther(this.#schedule);
    const now = this.#options.clock.monotonic();
    for (const question of questions) {
      const delay = this.#answers.delay(question, known, now);
      if (delay === 0) this.#bonjour.answer(question);
      else if (delay !== undefined) this.#later(delay, () => this.#bonjour.answer(question));
    }
  }

  #hearResponse(packet: unknown, { address, port }: RemoteInfo): void {
    if (this.#stopped || port !== MDNS_PORT) return;
    const isFromHere = this.#own.has(withoutZone(address));
    for (const announcement of parseAnnouncements(packet)) {
      const isOurs = announcement.device === this.#options.advertisement.device && isFromHere;
      if (!isOurs) this.events.emit('announced', announcement, address);
    }
  }

  #later(ms: number, action: () => void): void {
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer);
      action();
    });
    this.#timers.add(timer);
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.events.emit('failed', error);
  }
}
