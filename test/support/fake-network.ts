import { CompartidosError } from '../../src/core/errors.ts';
import { Emitter } from '../../src/core/emitter.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type {
  BlockAnswer,
  BlockSource,
  Network,
  NetworkEvents,
  PeerSession,
  SessionMessage,
} from '../../src/transport/network.ts';
import type { WantedBlock } from '../../src/wire/messages/message.ts';

/** What a link carries one way. */
interface Parcel {
  readonly deliver: () => void;
}

/**
 * The sessions of one device in memory. `link` connects two of them; what they send waits on the link until the test
 * delivers it, in order each way. Nothing happens by itself.
 */
export class FakeNetwork implements Network {
  readonly events = new Emitter<NetworkEvents>();
  readonly device: DeviceId;
  readonly name: string;
  readonly sessionsByDevice = new Map<DeviceId, FakeSession>();
  blockSource: BlockSource | undefined;

  constructor(device: DeviceId, name: string) {
    this.device = device;
    this.name = name;
  }

  sessions(): readonly FakeSession[] {
    return [...this.sessionsByDevice.values()];
  }

  session(device: DeviceId): FakeSession | undefined {
    return this.sessionsByDevice.get(device);
  }

  serveBlocks(source: BlockSource): void {
    this.blockSource = source;
  }
}

/** One end of a link. `sent` has every message that it was given to send, `closed` why it was closed on purpose. */
export class FakeSession implements PeerSession {
  readonly device: DeviceId;
  readonly name: string;
  readonly host: string;
  readonly port = 6000;
  readonly sent: SessionMessage[] = [];
  closed: string | undefined;
  isPaused = false;
  readonly #link: FakeLink;
  readonly #to: FakeNetwork;

  constructor(link: FakeLink, to: FakeNetwork, host: string) {
    this.#link = link;
    this.#to = to;
    this.device = to.device;
    this.name = to.name;
    this.host = host;
  }

  send(message: SessionMessage): void {
    if (this.#link.ended) return;
    this.sent.push(message);
    this.#link.carry(this, message);
  }

  drained(): Promise<void> {
    return this.#link.drained(this);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  async requestBlocks(wanted: readonly WantedBlock[], compare = false): Promise<readonly BlockAnswer[]> {
    if (this.#link.ended) throw new CompartidosError('CONNECTION_CLOSED', { device: this.device });
    const source = this.#to.blockSource;
    if (!source) return wanted.map(() => 'not-found');
    return source({ device: this.#link.opposite(this).device }, wanted, compare);
  }

  close(reason: 'stopping' | 'protocol-error' | 'denied'): void {
    if (this.#link.ended) return;
    this.closed = reason;
    this.#link.end(reason);
  }
}

export interface LinkOptions {
  /** Whether messages are delivered by themselves, in a later turn; true unless given. */
  readonly flowing?: boolean;
  /** The addresses of the left and the right device. */
  readonly hosts?: readonly [left: string, right: string];
}

/** The line between two devices. */
export class FakeLink {
  /** The ends: `left.left` is what the left device sees of the right one. */
  readonly left: FakeSession;
  readonly right: FakeSession;
  readonly #networks: readonly [left: FakeNetwork, right: FakeNetwork];
  readonly #parcels = new Map<FakeSession, Parcel[]>();
  readonly #waiting = new Map<FakeSession, (() => void)[]>();
  #ended = false;
  /** Messages are delivered as soon as they are sent, in a later turn. */
  #flowing: boolean;

  /** Connects the two and tells both; the left one first. */
  constructor(
    left: FakeNetwork,
    right: FakeNetwork,
    { flowing = true, hosts = ['192.0.2.1', '192.0.2.2'] }: LinkOptions = {},
  ) {
    this.#flowing = flowing;
    this.#networks = [left, right];
    this.left = new FakeSession(this, right, hosts[1]);
    this.right = new FakeSession(this, left, hosts[0]);
    left.sessionsByDevice.set(right.device, this.left);
    right.sessionsByDevice.set(left.device, this.right);
    left.events.emit('connected', this.left);
    right.events.emit('connected', this.right);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Messages under way from `sender`. */
  pending(sender: FakeSession): number {
    return this.#parcels.get(sender)?.length ?? 0;
  }

  opposite(end: FakeSession): FakeSession {
    return end === this.left ? this.right : this.left;
  }

  /** Holds everything back from now on, until `deliver` or `flow`. */
  hold(): void {
    this.#flowing = false;
  }

  /** Delivers what waits and what comes, until `hold`. */
  flow(): void {
    this.#flowing = true;
    this.deliver(this.left, Infinity);
    this.deliver(this.right, Infinity);
  }

  /** Delivers the next messages of `sender`, at most `count`. */
  deliver(sender: FakeSession, count = 1): void {
    const parcels = this.#parcels.get(sender) ?? [];
    for (let left = count; left > 0 && !this.#ended; left -= 1) {
      const parcel = parcels.shift();
      if (!parcel) break;
      parcel.deliver();
    }
    this.#release(sender);
  }

  /** Loses the next messages of `sender`, as no real connection does: for code that is to heal itself. */
  lose(sender: FakeSession, count = 1): void {
    this.#parcels.get(sender)?.splice(0, count);
    this.#release(sender);
  }

  carry(sender: FakeSession, message: SessionMessage): void {
    const receiver = this.opposite(sender);
    const network = sender === this.left ? this.#networks[1] : this.#networks[0];
    const parcels = this.#parcels.get(sender) ?? [];
    this.#parcels.set(sender, parcels);
    parcels.push({ deliver: () => network.events.emit('message', receiver, message) });
    if (this.#flowing) queueMicrotask(() => this.#flowing && this.deliver(sender));
  }

  drained(sender: FakeSession): Promise<void> {
    if (this.#ended || this.pending(sender) === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(sender, [...(this.#waiting.get(sender) ?? []), resolve]);
    });
  }

  /** Cuts it: what is under way is lost, and both ends are told. */
  end(reason = 'cut'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parcels.clear();
    const [left, right] = this.#networks;
    for (const [network, session] of [[left, this.left] as const, [right, this.right] as const]) {
      if (network.session(session.device) === session) network.sessionsByDevice.delete(session.device);
      network.events.emit('disconnected', session, reason);
      this.#release(session);
    }
  }

  #release(sender: FakeSession): void {
    if (this.pending(sender) > 0) return;
    for (const resolve of this.#waiting.get(sender) ?? []) resolve();
    this.#waiting.delete(sender);
  }
}
