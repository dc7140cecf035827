import type { RemoteInfo } from 'node:dgram';
import bonjour from 'bonjour-service';
import type { Advertisement } from './advertisement.ts';
import type { DnsQuestion, DnsRecord } from './dns-records.ts';
import type { GuardedSocket } from './guarded-socket.ts';
import type { Family, Link } from './link.ts';
import { SERVICE_TYPE } from './service-name.ts';

/** The parts of bonjour-service 1.4.4 that its types hide. */
interface BonjourServer {
  readonly mdns: Mdns;
  respondToQuery(query: { readonly questions: readonly DnsQuestion[] }): void;
}

interface Mdns {
  on(event: 'query' | 'response', listener: (packet: unknown, source: RemoteInfo) => void): void;
  on(event: 'error' | 'warning', listener: (error: unknown) => void): void;
  on(event: 'ready', listener: () => void): void;
  removeAllListeners(event: 'query'): void;
  query(questions: readonly { name: string; type: string }[], done: (error?: unknown) => void): void;
  respond(response: Response, done?: (error?: unknown) => void): void;
}

type Records = readonly Pick<DnsRecord, 'type' | 'data'>[];
type Response = Records | { readonly answers: Records; readonly additionals?: Records };

export interface BonjourOnLinkHandlers {
  /** The socket is bound and the service published. */
  readonly onReady: () => void;
  readonly onQuery: (packet: unknown, source: RemoteInfo) => void;
  readonly onResponse: (packet: unknown, source: RemoteInfo) => void;
  /** The socket failed: it will not work again. */
  readonly onError: (error: unknown) => void;
}

/**
 * One Bonjour of bonjour-service on one link and one IP family. By itself it asks nothing and answers nothing: its
 * answers to queries are given by `answer`, so that how many there are can be limited.
 */
export class BonjourOnLink {
  readonly #bonjour: bonjour.Bonjour;
  readonly #server: BonjourServer;
  readonly #advertisement: Advertisement;
  readonly #addresses: ReadonlySet<string>;
  #records: (() => Records) | undefined;

  constructor({
    link,
    family,
    socket,
    advertisement,
    handlers,
  }: {
    link: Link;
    family: Family;
    socket: GuardedSocket;
    advertisement: Advertisement;
    handlers: BonjourOnLinkHandlers;
  }) {
    this.#advertisement = advertisement;
    this.#addresses = new Set(link.addresses.map(({ address }) => address));
    const options = { ...multicastOptions(link, family), socket } as object;
    // Failures to send show as queries that are not heard.
    this.#bonjour = new bonjour.Bonjour(options, () => {});
    this.#server = (this.#bonjour as unknown as { server: BonjourServer }).server;
    const { mdns } = this.#server;
    // Without these listeners, in this turn, an error of the socket or a malformed packet would end the process.
    mdns.on('error', handlers.onError);
    mdns.on('warning', () => {});
    mdns.removeAllListeners('query');
    mdns.on('query', handlers.onQuery);
    mdns.on('response', handlers.onResponse);
    const respond = mdns.respond.bind(mdns);
    mdns.respond = (response, done) => respond(this.#onThisLink(response), done);
    mdns.on('ready', () => {
      this.#publish();
      handlers.onReady();
    });
  }

  ask(question: { readonly name: string; readonly type: string }): void {
    this.#server.mdns.query([question], () => {});
  }

  answer(question: DnsQuestion): void {
    this.#server.respondToQuery({ questions: [question] });
  }

  /** Says again that we are here. */
  announce(): void {
    if (this.#records) this.#server.mdns.respond(this.#records(), () => {});
  }

  /** Says that we go away; calls `done` when that has left. */
  leave(done: () => void): void {
    this.#bonjour.unpublishAll(done);
  }

  destroy(): void {
    this.#bonjour.destroy();
  }

  #publish(): void {
    const { device, host, port, text } = this.#advertisement;
    const service = this.#bonjour.publish({
      name: device,
      host,
      port,
      type: SERVICE_TYPE,
      txt: text,
      probe: false,
    });
    this.#records = () => service.records();
  }

  /** The library lists the addresses of every interface; on this link only its own mean something. */
  #onThisLink(response: Response): Response {
    const keep = (records: Records): Records =>
      records.filter(
        ({ type, data }) => (type !== 'A' && type !== 'AAAA') || this.#addresses.has(String(data)),
      );
    if (!('answers' in response)) return keep(response);
    return { answers: keep(response.answers), additionals: keep(response.additionals ?? []) };
  }
}

function multicastOptions({ zone, addresses }: Link, family: Family): object {
  if (family === 'ipv6') return { type: 'udp6', ip: 'ff02::fb', interface: `::%${zone}`, bind: '::' };
  // With `interface` alone the library binds to that address, where no multicast arrives.
  return { interface: addresses.find((address) => address.family === 'ipv4')?.address, bind: '0.0.0.0' };
}
