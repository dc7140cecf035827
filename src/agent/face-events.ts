import type { AgentEvents } from '../agent-api.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ClassicPeers } from '../catalogue/classic-peers.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DownloadHandle } from '../transfer/download-telling.ts';
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
/**
 * ms between two tellings of downloads: many small ones begin and end within it, and are told of once. After many it is
 * longer, since a face has to keep pace with them as well.
 */
const DOWNLOADS_INTERVAL_MS = 100;
const MAX_DOWNLOADS_INTERVAL_MS = 1000;
/** Downloads told of at a time: of the others what they are like when it is their turn. */
const DOWNLOADS_AT_A_TIME = 5000;

/** Tells faces what happens in the parts of the agent. */
export class FaceEvents implements Startable {
  readonly #parts: FaceEventsParts;
  #removers: (() => void)[] = [];
  #timer: Timer | undefined;
  #toldAt = -Infinity;
  readonly #downloads = new Map<string, Pick<DownloadHandle, 'view'>>();
  #downloadTimer: Timer | undefined;

  constructor(parts: FaceEventsParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events, catalogue, classicPeers, index, downloads } = this.#parts;
    this.#removers = [
      catalogue.events.on('peerChanged', (peer) => events.emit('peer', peerView(peer))),
      classicPeers.events.on('changed', (peer) => events.emit('peer', classicPeerView(peer))),
      downloads.events.on('changed', (download) => this.#downloadChanged(download)),
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
    this.#downloadTimer?.cancel();
    this.#downloadTimer = undefined;
    this.#tellOfDownloads();
  }

  /** The first after a pause is told at once. Nothing is made of it when there is no face. */
  #downloadChanged(download: Pick<DownloadHandle, 'id' | 'view'>): void {
    if (!this.#parts.events.has('download')) return;
    this.#downloads.set(download.id, download);
    if (!this.#downloadTimer) this.#tellAndRest();
  }

  #tellAndRest(): void {
    const told = this.#tellOfDownloads();
    const rest = Math.min(MAX_DOWNLOADS_INTERVAL_MS, Math.max(DOWNLOADS_INTERVAL_MS, told));
    this.#downloadTimer = this.#parts.clock.after(rest, () => {
      this.#downloadTimer = undefined;
      if (this.#downloads.size > 0) this.#tellAndRest();
    });
  }

  /** Returns of how many. */
  #tellOfDownloads(): number {
    let told = 0;
    for (const [id, download] of this.#downloads) {
      if (told === DOWNLOADS_AT_A_TIME) break;
      told += 1;
      this.#downloads.delete(id);
      this.#parts.events.emit('download', download.view());
    }
    return told;
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
