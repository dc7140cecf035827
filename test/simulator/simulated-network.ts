import { Emitter } from '../../src/core/emitter.ts';
import { CompartidosError } from '../../src/core/errors.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { answersIn, answersOf, giveBack, replyWith } from '../../src/transport/block-answers.ts';
import type {
  BlockAnswer,
  BlockSource,
  Network,
  NetworkEvents,
  PeerSession,
  SessionMessage,
} from '../../src/transport/network.ts';
import type { BlockRequest, WantedBlock } from '../../src/wire/messages/message.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import { SimulatedWire } from './simulated-wire.ts';

/** ms until a request that got lost is given up. */
const REQUEST_TIMEOUT_MS = 15_000;
/** ms within which one end of a broken session notices. */
const NOTICE_MS = 5000;

interface LanParts {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  /** One device says what another does not take, although neither means ill. */
  readonly onProtocolError: (problem: string) => void;
}

/** A local network between simulated devices. */
export class SimulatedLan {
  /** Whether messages may be late or lost, and sessions break by themselves. */
  isCalm = false;
  readonly parts: LanParts;
  readonly #members = new Map<DeviceId, SimulatedNetwork>();
  readonly #cuts = new Set<string>();

  constructor(parts: LanParts) {
    this.parts = parts;
  }

  /** The process of `member` listens and dials from now on. */
  join(member: SimulatedNetwork): void {
    // What a process had begun when it was killed comes to nothing.
    if (!member.isAlive) return;
    this.#members.set(member.device, member);
    for (const other of this.#members.values()) if (other !== member) this.dial(member, other);
  }

  /** Its process has ended: `quietly`, without a word on the network. */
  leave(member: SimulatedNetwork, quietly: boolean): void {
    if (this.#members.get(member.device) === member) this.#members.delete(member.device);
    for (const end of member.ends()) end.link.break(member, quietly ? NOTICE_MS : 5);
  }

  /** Nothing passes between two devices until it does again. */
  cut(a: DeviceId, b: DeviceId): void {
    this.#cuts.add(pairOf(a, b));
    this.#members.get(a)?.end(b)?.link.break(undefined, NOTICE_MS);
  }

  mend(): void {
    this.#cuts.clear();
  }

  breakSession(a: DeviceId, b: DeviceId): void {
    this.#members.get(a)?.end(b)?.link.break(undefined, NOTICE_MS);
  }

  /** ms that something needs from one device to another. */
  latency(): number {
    const { random } = this.parts;
    if (this.isCalm || random.chance(0.8)) return 0.2 + random.next() * 4;
    return random.chance(0.9) ? random.next() * 100 : random.next() * 3000;
  }

  /** Connects two devices before long, if both are there then. */
  dial(a: SimulatedNetwork, b: SimulatedNetwork): void {
    const { time, random } = this.parts;
    time.after(20 + random.next() * 600, () => {
      if (this.#members.get(a.device) !== a || this.#members.get(b.device) !== b) return;
      if (a.end(b.device) || b.end(a.device) || this.#cuts.has(pairOf(a.device, b.device))) this.dial(a, b);
      else new Link(this, a, b).open();
    });
  }
}

/** The network as one process sees it. */
export class SimulatedNetwork implements Network {
  readonly events = new Emitter<NetworkEvents>();
  readonly device: DeviceId;
  readonly name: string;
  readonly #lan: SimulatedLan;
  readonly #isAlive: () => boolean;
  readonly #ends = new Map<DeviceId, LinkEnd>();
  #source: BlockSource | undefined;

  constructor(lan: SimulatedLan, device: DeviceId, name: string, isAlive: () => boolean) {
    this.#lan = lan;
    this.device = device;
    this.name = name;
    this.#isAlive = isAlive;
  }

  get isAlive(): boolean {
    return this.#isAlive();
  }

  async start(): Promise<void> {
    this.#lan.join(this);
  }

  async stop(): Promise<void> {
    this.#lan.leave(this, false);
    for (const end of this.ends()) this.drop(end, 'stopping');
  }

  sessions(): readonly PeerSession[] {
    return [...this.#ends.values()];
  }

  session(device: DeviceId): PeerSession | undefined {
    return this.#ends.get(device);
  }

  serveBlocks(source: BlockSource): void {
    this.#source = source;
  }

  ends(): LinkEnd[] {
    return [...this.#ends.values()];
  }

  end(device: DeviceId): LinkEnd | undefined {
    return this.#ends.get(device);
  }

  add(end: LinkEnd): void {
    this.#ends.set(end.device, end);
  }

  drop(end: LinkEnd, reason: string): void {
    if (this.#ends.get(end.device) !== end) return;
    this.#ends.delete(end.device);
    end.ended();
    if (this.isAlive) this.events.emit('disconnected', end, reason);
  }

  answer(asker: DeviceId, request: BlockRequest): Promise<readonly BlockAnswer[]> {
    return answersOf(this.#source, asker, request);
  }
}

/** One connection between two devices. */
class Link {
  readonly lan: SimulatedLan;
  readonly #ends: readonly [LinkEnd, LinkEnd];
  #isWhole = true;

  constructor(lan: SimulatedLan, a: SimulatedNetwork, b: SimulatedNetwork) {
    this.lan = lan;
    this.#ends = [new LinkEnd(this, a, b), new LinkEnd(this, b, a)];
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  open(): void {
    for (const end of this.#ends) end.own.add(end);
    for (const end of this.#ends) end.own.events.emit('connected', end);
  }

  endOf(member: SimulatedNetwork): LinkEnd {
    return this.#ends[0].own === member ? this.#ends[0] : this.#ends[1];
  }

  /** Nothing passes any more. Each end notices within `withinMs`; `first` does at once. */
  break(first: SimulatedNetwork | undefined, withinMs: number, reason = 'closed'): void {
    if (!this.#isWhole) return;
    this.#isWhole = false;
    const { time, random } = this.lan.parts;
    for (const end of this.#ends) {
      if (end.own === first) end.own.drop(end, reason);
      else time.after(random.next() * withinMs, () => end.own.drop(end, reason));
    }
    const [a, b] = this.#ends;
    this.lan.dial(a.own, b.own);
  }
}

/** One end of a connection: the session with the device at the other. */
class LinkEnd implements PeerSession {
  readonly link: Link;
  readonly own: SimulatedNetwork;
  readonly device: DeviceId;
  readonly name: string;
  readonly host = '127.0.0.1';
  readonly port = 6000;
  /** From here to the other end. */
  readonly wire: SimulatedWire;
  readonly #other: SimulatedNetwork;
  readonly #requests = new Set<(error: CompartidosError) => void>();
  #lastArrival = 0;
  #lastRequest = 0;

  constructor(link: Link, own: SimulatedNetwork, other: SimulatedNetwork) {
    this.link = link;
    this.own = own;
    this.#other = other;
    this.device = other.device;
    this.name = other.name;
    const { onProtocolError } = link.lan.parts;
    this.wire = new SimulatedWire({ from: own.name, to: other.name, onProtocolError });
  }

  /** Keeps the order, as a connection does. */
  send(message: SessionMessage): void {
    const { lan } = this.link;
    const { time } = lan.parts;
    if (!this.own.isAlive || !this.link.isWhole) return;
    const take = this.wire.carry(message, 'control');
    this.#lastArrival = Math.max(this.#lastArrival, time.now + lan.latency());
    time.at(this.#lastArrival, () => {
      const end = this.link.endOf(this.#other);
      if (!this.link.isWhole || !this.#other.isAlive || this.#other.end(this.own.device) !== end) return;
      const arrived = take();
      if (arrived) this.#other.events.emit('message', end, arrived);
    });
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.link.lan.parts.time.after(0, resolve));
  }

  /** What is under way still comes, as what has been read already. */
  pause(): void {}

  resume(): void {}

  requestBlocks(wanted: readonly WantedBlock[], compare = false): Promise<readonly BlockAnswer[]> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#requests.delete(fail);
        end();
      };
      const fail = (error: CompartidosError) => settle(() => reject(error));
      this.#requests.add(fail);
      if (this.own.end(this.device) !== this) return fail(new CompartidosError('CONNECTION_CLOSED'));
      this.#carry(
        { type: 'block-request', id: (this.#lastRequest += 1), blocks: wanted, compare },
        (answers) => settle(() => resolve(answers)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  close(reason: 'stopping' | 'protocol-error' | 'denied'): void {
    if (reason === 'protocol-error')
      this.link.lan.parts.onProtocolError(`${this.own.name} closes its session with ${this.name}`);
    this.link.break(this.own, 100, reason);
  }

  /** Nobody is going to answer what was asked. */
  ended(): void {
    for (const fail of [...this.#requests]) fail(new CompartidosError('CONNECTION_CLOSED'));
  }

  #carry(
    asked: BlockRequest,
    resolve: (answers: readonly BlockAnswer[]) => void,
    reject: (error: Error) => void,
  ): void {
    const { lan } = this.link;
    const { time, random } = lan.parts;
    const later = (work: () => void) => time.after(lan.latency(), () => this.link.isWhole && work());
    const takeRequest = this.wire.carry(asked, 'data');
    if (!lan.isCalm && random.chance(0.01)) {
      time.after(REQUEST_TIMEOUT_MS, () => reject(new CompartidosError('REQUEST_TIMED_OUT')));
      return;
    }
    later(() => {
      const request = this.#other.isAlive ? takeRequest() : undefined;
      if (!request) return;
      void this.#other.answer(this.own.device, request).then((answers) => {
        const { wire } = this.link.endOf(this.#other);
        const takeReply = wire.carry(replyWith(answers, request), 'data');
        later(() => {
          const reply = takeReply();
          giveBack(answers);
          const fitting = reply && answersIn(reply, asked.blocks);
          if (fitting) resolve(fitting);
          else if (reply) wire.refuse(reply, 'it does not fit what was asked');
        });
      });
    });
  }
}

function pairOf(a: DeviceId, b: DeviceId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
