import type { AgentEvents } from '../agent-api.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ClassicPeers } from '../catalogue/classic-peers.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { Downloads } from '../transfer/downloads.ts';
import { classicPeerView, peerView } from './views.ts';

export interface FaceEventsParts {
  readonly events: Emitter<AgentEvents>;
  readonly catalogue: Catalogue;
  readonly classicPeers: ClassicPeers;
  readonly index: LocalIndex;
  readonly downloads: Downloads;
  readonly clock: Clock;
}

/** ms between two tellings that files have changed: a face that looks again each time must keep pace. */
const FILES_INTERVAL_MS = 200;

/** Tells faces what happens in the parts of the agent. */
export class FaceEvents implements Startable {
  readonly #parts: FaceEventsParts;
  #removers: (() => void)[] = [];
  #timer: Timer | undefined;
  #toldAt = -Infinity;

  constructor(parts: FaceEventsParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events, catalogue, classicPeers, index, downloads } = this.#parts;
    this.#removers = [
      catalogue.events.on('peerChanged', (peer) => events.emit('peer', peerView(peer))),
      classicPeers.events.on('changed', (peer) => events.emit('peer', classicPeerView(peer))),
      downloads.events.on('changed', (view) => events.emit('download', view)),
      catalogue.events.on('changed', () => this.#filesChanged()),
      index.events.on('changed', () => this.#filesChanged()),
      index.events.on('ready', () => this.#filesChanged()),
    ];
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #filesChanged(): void {
    if (this.#timer) return;
    const { clock, events } = this.#parts;
    this.#timer = clock.after(Math.max(0, this.#toldAt + FILES_INTERVAL_MS - clock.monotonic()), () => {
      this.#timer = undefined;
      this.#toldAt = clock.monotonic();
      events.emit('files');
    });
  }
}
