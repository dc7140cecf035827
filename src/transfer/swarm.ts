import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import type { Availability } from '../wire/messages/message.ts';
import { BlockMap } from './block-map.ts';
import { hashKey } from './hash-key.ts';
import type { Source } from './pull-source.ts';

/** A file that is being received, and can be had in part from here already. */
export interface Receiving {
  readonly content: FileEntry & { readonly hash: Uint8Array };
  /** What it is called here. */
  readonly path: RelativePath;
  readonly have: BlockMap;
  /** Reads a block that `have` has. */
  readonly read: (index: number) => Promise<Uint8Array>;
}

/** ms between two announcements of what has arrived. */
const ANNOUNCE_EVERY_MS = 100;
/** Files of which it is remembered, for each peer, what it has received; the oldest are forgotten first. */
const MAX_ANNOUNCED = 64;

export type SwarmEvents = {
  /** What co-receivers have of a content has changed; by hashKey. */
  changed: [hash: string];
};

/** Those who receive the same content at once: tells them what is here already, and knows what they have. */
export class Swarm implements Startable {
  readonly events = new Emitter<SwarmEvents>();
  readonly #network: Network;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #receiving = new Map<string, Receiving>();
  readonly #announced = new Map<DeviceId, Map<string, Availability>>();
  readonly #grown = new Set<string>();
  #timer: Timer | undefined;
  #removers: (() => void)[] = [];

  constructor(parts: { readonly network: Network; readonly catalogue: Catalogue; readonly clock: Clock }) {
    this.#network = parts.network;
    this.#catalogue = parts.catalogue;
    this.#clock = parts.clock;
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events } = this.#network;
    this.#removers = [
      events.on('message', (session, message) => {
        if (message.type === 'availability') this.#learn(session, message);
      }),
      events.on('connected', (session) => this.#introduce(session)),
      events.on('disconnected', ({ device }) => this.#forget(device)),
    ];
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#receiving.clear();
    this.#announced.clear();
    this.#grown.clear();
  }

  /** Tells those who lack the content too that it is being received here. Returns what ends that. */
  join(receiving: Receiving): () => void {
    const key = hashKey(receiving.content.hash);
    if (this.#receiving.has(key)) return () => {};
    this.#receiving.set(key, receiving);
    const holders = new Set(this.#catalogue.withHash(receiving.content.hash).map(({ device }) => device));
    for (const session of this.#network.sessions()) {
      if (!holders.has(session.device)) this.#announce(session, receiving);
    }
    return () => {
      if (this.#receiving.get(key) !== receiving) return;
      this.#receiving.delete(key);
      for (const session of this.#partnersOf(key)) {
        const { content, path } = receiving;
        session.send({ type: 'availability', path, hash: content.hash, have: new Uint8Array() });
      }
    };
  }

  /** Another block of the content has arrived. */
  grown(hash: Uint8Array): void {
    this.#grown.add(hashKey(hash));
    this.#timer ??= this.#clock.after(ANNOUNCE_EVERY_MS, () => this.#announceGrown());
  }

  /** What is being received under `hash`. */
  find(hash: Uint8Array): Receiving | undefined {
    return this.#receiving.get(hashKey(hash));
  }

  /** Connected peers that have a part of the content, of `length` blocks. */
  sources(hash: Uint8Array, length: number): Source[] {
    const key = hashKey(hash);
    return this.#partnersOf(key).map(({ device }) => {
      const { path, have } = this.#announced.get(device)!.get(key)!;
      return { device, path, have: BlockMap.fromBytes(have, length) };
    });
  }

  #learn(session: PeerSession, message: Availability): void {
    const key = hashKey(message.hash);
    const announced = this.#announced.get(session.device) ?? new Map<string, Availability>();
    this.#announced.set(session.device, announced);
    const isNew = !announced.delete(key);
    if (message.have.length > 0) announced.set(key, message);
    if (announced.size > MAX_ANNOUNCED) announced.delete(announced.keys().next().value!);
    const receiving = this.#receiving.get(key);
    if (isNew && receiving && message.have.length > 0) this.#announce(session, receiving);
    this.events.emit('changed', key);
  }

  #introduce(session: PeerSession): void {
    for (const receiving of this.#receiving.values()) this.#announce(session, receiving);
  }

  #forget(device: DeviceId): void {
    const announced = this.#announced.get(device);
    this.#announced.delete(device);
    for (const key of announced?.keys() ?? []) this.events.emit('changed', key);
  }

  #announceGrown(): void {
    this.#timer = undefined;
    for (const key of this.#grown) {
      const receiving = this.#receiving.get(key);
      if (!receiving) continue;
      for (const session of this.#partnersOf(key)) this.#announce(session, receiving);
    }
    this.#grown.clear();
  }

  #announce(session: PeerSession, { content, path, have }: Receiving): void {
    session.send({ type: 'availability', path, hash: content.hash, have: have.toBytes() });
  }

  #partnersOf(key: string): PeerSession[] {
    return this.#network.sessions().filter(({ device }) => this.#announced.get(device)?.has(key));
  }
}
