import { setMaxListeners } from 'node:events';
import { Emitter } from '../../src/core/emitter.ts';
import { CompartidosError } from '../../src/core/errors.ts';
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
import { bytesOf, orRefusal } from './wanted-block.ts';

/** What happens to each block that a member sends: identity, a lie, an error, or something that never ends. */
export type Tampering = (
  block: WantedBlock,
  answer: () => Promise<Uint8Array>,
  asker: DeviceId,
) => Promise<Uint8Array>;

/** Networks of several devices within one process. */
export class MemoryLan {
  readonly #members = new Map<DeviceId, MemoryNetwork>();

  join(device: DeviceId, name: string): MemoryNetwork {
    const member = new MemoryNetwork(device, name);
    this.#members.set(device, member);
    return member;
  }

  connect(a: DeviceId, b: DeviceId): void {
    const [first, second] = [this.#members.get(a)!, this.#members.get(b)!];
    const link = new AbortController();
    setMaxListeners(0, link.signal);
    first.attach(second, link);
    second.attach(first, link);
    first.announce(second);
    second.announce(first);
  }

  disconnect(a: DeviceId, b: DeviceId): void {
    const [first, second] = [this.#members.get(a)!, this.#members.get(b)!];
    first.detach(second);
    second.detach(first);
  }

  /** Everybody with everybody. */
  connectAll(): void {
    const devices = [...this.#members.keys()];
    devices.forEach((a, index) => devices.slice(index + 1).forEach((b) => this.connect(a, b)));
  }

  /** Cuts all connections of `device`, as when its process ends. */
  leave(device: DeviceId): void {
    const member = this.#members.get(device)!;
    for (const session of member.sessions()) this.disconnect(device, session.device);
    this.#members.delete(device);
  }
}

/** The network as one member sees it. */
export class MemoryNetwork implements Network {
  readonly events = new Emitter<NetworkEvents>();
  readonly device: DeviceId;
  readonly name: string;
  /** Changes what this member answers. */
  tampering: Tampering = (_, answer) => answer();
  /** Blocks sent by this member, by who asked. */
  readonly sent = new Map<DeviceId, number>();
  readonly #sessions = new Map<DeviceId, { session: PeerSession; link: AbortController }>();
  #source: BlockSource | undefined;

  constructor(device: DeviceId, name: string) {
    this.device = device;
    this.name = name;
  }

  sessions(): readonly PeerSession[] {
    return [...this.#sessions.values()].map(({ session }) => session);
  }

  session(device: DeviceId): PeerSession | undefined {
    return this.#sessions.get(device)?.session;
  }

  serveBlocks(source: BlockSource): void {
    this.#source = source;
  }

  attach(other: MemoryNetwork, link: AbortController): void {
    const session: PeerSession = {
      device: other.device,
      name: other.name,
      host: '127.0.0.1',
      port: 6000,
      send: (message) => void (link.signal.aborted || other.receive(this.device, message)),
      drained: async () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      requestBlocks: (wanted, compare = false) => this.#ask(other, link.signal, wanted, compare),
      close: () => this.detach(other),
    };
    this.#sessions.set(other.device, { session, link });
  }

  announce(other: MemoryNetwork): void {
    this.events.emit('connected', this.session(other.device)!);
  }

  detach(other: MemoryNetwork): void {
    const held = this.#sessions.get(other.device);
    if (!held) return;
    this.#sessions.delete(other.device);
    held.link.abort(new CompartidosError('CONNECTION_CLOSED'));
    this.events.emit('disconnected', held.session, 'test');
  }

  receive(from: DeviceId, message: SessionMessage): void {
    void Promise.resolve().then(() => {
      const session = this.session(from);
      if (session) this.events.emit('message', session, message);
    });
  }

  async answer(asker: DeviceId, wanted: readonly WantedBlock[], compare: boolean): Promise<BlockAnswer[]> {
    const source = this.#source;
    if (!source) return wanted.map(() => 'not-found');
    return Promise.all(
      wanted.map(async (block) => {
        const serve = async () => bytesOf((await source({ device: asker }, [block], compare))[0]!);
        const answer = await orRefusal(this.tampering(block, serve, asker));
        if (typeof answer !== 'string') this.sent.set(asker, (this.sent.get(asker) ?? 0) + 1);
        return answer;
      }),
    );
  }

  #ask(
    other: MemoryNetwork,
    link: AbortSignal,
    wanted: readonly WantedBlock[],
    compare: boolean,
  ): Promise<readonly BlockAnswer[]> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        link.removeEventListener('abort', ended);
        end();
      };
      const ended = () => settle(() => reject(link.reason as CompartidosError));
      if (link.aborted) return ended();
      link.addEventListener('abort', ended);
      other.answer(this.device, wanted, compare).then(
        // Copies, as the network makes them.
        (answers) => settle(() => resolve(answers.map((answer) => answer.slice() as BlockAnswer))),
        (error: Error) => settle(() => reject(error)),
      );
    });
  }
}
