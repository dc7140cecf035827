import type { AgentApi, DownloadView, PeerView } from '../agent-api.ts';
import type { Clock } from '../core/clock.ts';
import type { LogLevel } from '../core/logger.ts';
import type { Startable } from '../core/lifecycle.ts';
import { translate, type Language } from '../language/translate.ts';
import { formatAddress } from '../views/peer-lines.ts';
import { DownloadActivity } from './download-activity.ts';
import type { Screen } from './screen.ts';

export interface ActivityOptions {
  readonly api: AgentApi;
  readonly language: Language;
  readonly screen: Screen;
  readonly clock: Clock;
}

/** ms within which the same sentence is not said again: what fails may fail many times in a moment. */
const REPEAT_MS = 2000;

const MARKS: Readonly<Record<LogLevel, string>> = { debug: '', info: '', warn: '! ', error: '!! ' };

/** Shows what happens by itself: peers that come and go, downloads under way and ended, and what needs to be known. */
export class Activity implements Startable {
  readonly #options: ActivityOptions;
  readonly #peers = new Map<string, PeerView['state']>();
  readonly #downloads: DownloadActivity;
  readonly #said = new Map<string, number>();
  #listeners: (() => void)[] = [];

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.#downloads = new DownloadActivity(options);
  }

  async start(): Promise<void> {
    if (this.#listeners.length > 0) return;
    const { events } = this.#options.api;
    this.#listeners = [
      events.on('peer', (peer) => this.#notePeer(peer)),
      events.on('download', (download) => this.#downloads.note(download)),
    ];
    for (const peer of await this.#options.api.peers()) this.#notePeer(peer);
    this.noteQueued(await this.#options.api.queue());
  }

  async stop(): Promise<void> {
    for (const remove of this.#listeners) remove();
    this.#listeners = [];
    this.#downloads.stop();
  }

  /** The agent has just named these: of very many, its events tell only bit by bit. */
  noteQueued(downloads: readonly DownloadView[]): void {
    this.#downloads.noteAsked(downloads);
  }

  /** Says a sentence of the log, but not the same again and again. It must be printable. */
  announce(level: LogLevel, sentence: string): void {
    const now = this.#options.clock.monotonic();
    for (const [said, at] of this.#said) if (now - at > REPEAT_MS) this.#said.delete(said);
    if (this.#said.has(sentence)) return;
    this.#said.set(sentence, now);
    this.#options.screen.print([MARKS[level] + sentence]);
  }

  #notePeer(peer: PeerView): void {
    const key = peer.id || formatAddress(peer);
    const before = this.#peers.get(key) ?? 'offline';
    this.#peers.set(key, peer.state);
    if (peer.state === before) return;
    const sentence = peer.state === 'online' ? 'prompt.peer-here' : 'prompt.peer-gone';
    const fillings = { name: peer.name, address: formatAddress(peer) };
    this.#options.screen.print([translate(this.#options.language, sentence, fillings)]);
  }
}
