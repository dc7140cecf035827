import type { AgentApi, DownloadView, PeerView } from '../agent-api.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { LogLevel } from '../core/logger.ts';
import type { Startable } from '../core/lifecycle.ts';
import { translate, type Language } from '../language/translate.ts';
import { finishedLine, progressLine } from '../views/download-lines.ts';
import { formatAddress } from '../views/peer-lines.ts';
import type { Screen } from './screen.ts';

export interface ActivityOptions {
  readonly api: AgentApi;
  readonly language: Language;
  readonly screen: Screen;
  readonly clock: Clock;
}

/** ms between two drawings of the progress bars. */
const REFRESH_MS = 100;
/** In each span of this many ms, so many ends of downloads are said one by one; the others are counted. */
const DIGEST_MS = 1000;
const MAX_SINGLE_ENDS = 10;
/** ms within which the same sentence is not said again: what fails may fail many times in a moment. */
const REPEAT_MS = 2000;

const MARKS: Readonly<Record<LogLevel, string>> = { debug: '', info: '', warn: '! ', error: '!! ' };

/** Shows what happens by itself: peers that come and go, downloads under way and ended, and what needs to be known. */
export class Activity implements Startable {
  readonly #options: ActivityOptions;
  readonly #peers = new Map<string, PeerView['state']>();
  readonly #active = new Map<string, DownloadView>();
  readonly #said = new Map<string, number>();
  #listeners: (() => void)[] = [];
  #refresh: Timer | undefined;
  #digest: Timer | undefined;
  #ends = 0;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#listeners.length > 0) return;
    const { events } = this.#options.api;
    this.#listeners = [
      events.on('peer', (peer) => this.#notePeer(peer)),
      events.on('download', (download) => this.#noteDownload(download)),
    ];
    for (const peer of await this.#options.api.peers()) this.#notePeer(peer);
    for (const download of await this.#options.api.queue()) {
      if (isActive(download)) this.#noteDownload(download);
    }
  }

  async stop(): Promise<void> {
    for (const remove of this.#listeners) remove();
    this.#listeners = [];
    this.#refresh?.cancel();
    this.#digest?.cancel();
    this.#options.screen.setLive([]);
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

  #noteDownload(download: DownloadView): void {
    if (isActive(download)) this.#active.set(download.id, download);
    else this.#active.delete(download.id);
    this.#refresh ??= this.#options.clock.after(REFRESH_MS, () => {
      this.#refresh = undefined;
      this.#drawBars();
    });
    const line = finishedLine(this.#options.language, download);
    if (line !== undefined) this.#sayEnd(line);
  }

  #drawBars(): void {
    const { screen, language } = this.#options;
    // Of thousands, few lines are seen: the others would cost time ten times a second.
    const shown = firstOf(this.#active.values(), screen.mostLive);
    screen.setLive(
      shown.map((each) => progressLine(language, each, screen.width - 1)),
      this.#active.size - shown.length,
    );
  }

  #sayEnd(line: string): void {
    this.#ends += 1;
    if (this.#ends <= MAX_SINGLE_ENDS) this.#options.screen.print([line]);
    this.#digest ??= this.#options.clock.after(DIGEST_MS, () => {
      const more = this.#ends - MAX_SINGLE_ENDS;
      this.#digest = undefined;
      this.#ends = 0;
      if (more <= 0) return;
      this.#options.screen.print([translate(this.#options.language, 'prompt.more-ended', { count: more })]);
    });
  }
}

function firstOf<Item>(items: Iterable<Item>, count: number): Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length === count) break;
    first.push(item);
  }
  return first;
}

function isActive({ state }: DownloadView): boolean {
  return state === 'connecting' || state === 'transferring' || state === 'verifying';
}
