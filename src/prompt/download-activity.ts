import type { DownloadView } from '../agent-api.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Language } from '../language/translate.ts';
import { finishedLine, isSourceless, progressLine, waitingLines } from '../views/download-lines.ts';
import { DownloadTotals, FEW, hasEnded } from '../views/download-totals.ts';
import type { Screen } from './screen.ts';

export interface DownloadActivityOptions {
  readonly language: Language;
  readonly screen: Screen;
  readonly clock: Clock;
}

/** ms between two drawings of the progress bars. */
const REFRESH_MS = 100;
/** ms without any download that goes on, after which those so far are summed up. */
const PAUSE_MS = 500;
/** ms without another one that nobody has, after which it is said how many: when a peer leaves they come by and by. */
const WAITING_MS = 1500;

/**
 * Shows the downloads that are under way as bars, and says how they end: each of a few, and how many there were of many. What
 * is under way from one pause to the next belongs together, whoever asked for it.
 */
export class DownloadActivity {
  readonly #options: DownloadActivityOptions;
  readonly #running = new Map<string, DownloadView>();
  /** What is held up, and whether it was said that nobody has it. It does not count among what is under way. */
  readonly #held = new Map<string, boolean>();
  /** What nobody has, and of which that is still to be said. */
  readonly #untold = new Map<string, DownloadView>();
  #totals: DownloadTotals | undefined;
  /** To be said with the next drawing: until then it may turn out how many there are. */
  #ends: DownloadView[] = [];
  #failures = 0;
  #refresh: Timer | undefined;
  #pause: Timer | undefined;
  #waiting: Timer | undefined;

  constructor(options: DownloadActivityOptions) {
    this.#options = options;
  }

  stop(): void {
    for (const timer of [this.#refresh, this.#pause, this.#waiting]) timer?.cancel();
    this.#options.screen.setLive([]);
  }

  /** Downloads that a person has just asked for: what was said of them before is worth saying again. */
  noteAsked(downloads: readonly DownloadView[]): void {
    for (const download of downloads) {
      if (hasEnded(download)) continue;
      this.#held.delete(download.id);
      this.note(download);
    }
  }

  /** A download is like this now. */
  note(download: DownloadView): void {
    const { id } = download;
    if (isRunning(download)) this.#running.set(id, download);
    else this.#running.delete(id);
    if (!isHeldUp(download) || download.state === 'paused') this.#untold.delete(id);
    if (hasEnded(download)) this.#noteEnd(download);
    else if (isHeldUp(download)) this.#noteHeld(download);
    else {
      this.#held.delete(id);
      this.#known.note(download);
    }
    this.#refresh ??= this.#options.clock.after(REFRESH_MS, () => {
      this.#refresh = undefined;
      this.#draw();
    });
  }

  get #known(): DownloadTotals {
    return (this.#totals ??= new DownloadTotals(this.#options.clock));
  }

  /** It is looked for again and again: that nobody has it is said once. */
  #noteHeld(download: DownloadView): void {
    const { id } = download;
    this.#totals?.leave(id);
    if (!this.#held.has(id)) this.#held.set(id, false);
    if (!isSourceless(download) || this.#held.get(id) || this.#untold.has(id)) return;
    this.#untold.set(id, download);
    this.#waiting?.cancel();
    this.#waiting = this.#options.clock.after(WAITING_MS, () => this.#tellWhatWaits());
  }

  #tellWhatWaits(): void {
    const { screen, language } = this.#options;
    const untold = [...this.#untold.values()];
    // What has come is over before it is said what has not.
    this.#draw();
    if (this.#totals) this.#sumUp(this.#totals);
    this.#untold.clear();
    for (const { id } of untold) this.#held.set(id, true);
    if (untold.length > 0) screen.print(waitingLines(language, untold));
  }

  #noteEnd(download: DownloadView): void {
    const { id, state } = download;
    const wasKnown = this.#held.delete(id) || this.#totals?.isOpen(id);
    // Its end is told a second time when its attempt has let go of its files.
    if (state === 'cancelled' && !wasKnown) return;
    this.#known.note(download);
    if (state === 'failed') this.#failures += 1;
    if (state === 'failed' ? this.#failures <= FEW : this.#known.count <= FEW) this.#ends.push(download);
  }

  #draw(): void {
    const { screen, language } = this.#options;
    const totals = this.#totals;
    const told = this.#ends.filter(({ state }) => state === 'failed' || (totals && totals.count <= FEW));
    this.#ends = [];
    if (told.length > 0) screen.print(told.flatMap((download) => finishedLine(language, download) ?? []));
    screen.setLive(totals ? this.#liveLines(totals) : []);
    if (!totals || totals.open > 0) return;
    this.#pause ??= this.#options.clock.after(PAUSE_MS, () => {
      this.#pause = undefined;
      if (!this.#refresh) this.#sumUp(totals);
    });
  }

  /** Bars, and a line for all when there are several. */
  #liveLines(totals: DownloadTotals): string[] {
    const { screen, language } = this.#options;
    if (totals.open === 0) return [];
    const isOne = totals.count === 1;
    // Of thousands, few lines are seen: the others would cost time ten times a second.
    const shown = mostTelling([...this.#running.values()], isOne ? 1 : screen.mostLive - 1);
    const lines = shown.map((each) => progressLine(language, each, screen.width - 1));
    return isOne ? lines : [...lines, totals.progressLine(language)];
  }

  #sumUp(totals: DownloadTotals): void {
    const { screen, language } = this.#options;
    if (totals !== this.#totals || totals.open > 0) return;
    this.#totals = undefined;
    this.#failures = 0;
    if (totals.count > FEW && !totals.isAllCancelled) screen.print([totals.summary(language)]);
  }
}

/** Small files by the hundred must not hide the large one whose progress can be seen. */
function mostTelling(running: readonly DownloadView[], count: number): readonly DownloadView[] {
  if (running.length <= count) return running;
  const isMoving = ({ state }: DownloadView) => state === 'transferring';
  const others = running.filter((download) => !isMoving(download));
  return [...running.filter(isMoving), ...others].slice(0, count);
}

/** Whether a person, the disk or the network holds it up, nobody knows for how long. */
function isHeldUp({ state, error }: DownloadView): boolean {
  return state === 'paused' || (error !== null && (state === 'queued' || state === 'connecting'));
}

function isRunning(download: DownloadView): boolean {
  const { state } = download;
  return !isHeldUp(download) && (state === 'connecting' || state === 'transferring' || state === 'verifying');
}
