import type { DownloadView } from '../agent-api.ts';
import type { AgentClient } from '../control/api-client.ts';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/system-clock.ts';
import { waitingLine } from '../views/download-lines.ts';
import { DownloadTotals, hasEnded } from '../views/download-totals.ts';
import { ChangingLine } from './changing-line.ts';
import type { CommandContext } from './command-context.ts';

/** ms between two looks of the progress. */
const PROGRESS_INTERVAL = 100;

export interface EndedDownloads {
  /** In the order in which they were queued. */
  readonly ended: readonly DownloadView[];
  readonly totals: DownloadTotals;
}

export interface FollowOptions {
  readonly clock?: Pick<Clock, 'monotonic'>;
  /** Ends the waiting, not the downloads. */
  readonly end?: AbortSignal;
}

/**
 * Resolves with the downloads that `begin` queues when all have ended, or with undefined when `end` is aborted before; shows
 * meanwhile how far they are, and why they wait. The client is to be subscribed to events.
 * @throws AGENT_STOPPED, AGENT_UNREACHABLE when the agent goes away
 */
export async function followDownloads(
  context: CommandContext,
  agent: Pick<AgentClient, 'events' | 'closed'>,
  begin: () => Promise<readonly DownloadView[]>,
  { clock = systemClock, end }: FollowOptions = {},
): Promise<EndedDownloads | undefined> {
  const progress = new Progress(context, clock);
  const totals = new DownloadTotals(clock);
  const latest = new Map<string, DownloadView>();
  let pending: Set<string> | undefined;
  let finish = () => {};
  const finished = new Promise<true>((resolve) => (finish = () => resolve(true)));
  const interrupted = new Promise<undefined>((resolve) => {
    end?.addEventListener('abort', () => resolve(undefined));
  });
  const forget = agent.events.on('download', (download) => {
    latest.set(download.id, download);
    if (!pending?.has(download.id)) return;
    totals.note(download);
    if (hasEnded(download)) pending.delete(download.id);
    else progress.tellWhyItWaits(download);
    if (pending.size === 0) finish();
    else progress.show(totals);
  });
  try {
    progress.looking();
    const queued = await Promise.race([begin(), interrupted]);
    if (!queued) return undefined;
    const wanted = () => queued.map((download) => latest.get(download.id) ?? download);
    for (const download of wanted()) totals.note(download);
    // A download may end before the answer that names it arrives.
    const unended = wanted().filter((download) => !hasEnded(download));
    pending = new Set(unended.map(({ id }) => id));
    for (const download of unended) progress.tellWhyItWaits(download);
    const gone = agent.closed.then((error) => {
      throw error;
    });
    if (pending.size === 0) finish();
    const areAllHere = await Promise.race([finished, gone, interrupted]);
    return areAllHere && { ended: wanted(), totals };
  } finally {
    forget();
    progress.clear();
  }
}

/** One line at the bottom of a terminal, and lines above it that say what does not go on. */
class Progress {
  readonly #context: CommandContext;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #line: ChangingLine;
  readonly #told = new Set<string>();
  #shownAt = -Infinity;

  constructor(context: CommandContext, clock: Pick<Clock, 'monotonic'>) {
    this.#context = context;
    this.#clock = clock;
    this.#line = new ChangingLine(context.errors);
  }

  looking(): void {
    this.#line.show(this.#context.say('view.looking'));
  }

  show(totals: DownloadTotals): void {
    const now = this.#clock.monotonic();
    if (now - this.#shownAt < PROGRESS_INTERVAL) return;
    this.#shownAt = now;
    this.#line.show(totals.progressLine(this.#context.language));
  }

  /** Says each reason once, of the first file that it holds up: of thousands it may be the same. */
  tellWhyItWaits(download: DownloadView): void {
    const { errors, language, json } = this.#context;
    const line = waitingLine(language, download);
    if (line === undefined || json || this.#told.has(download.error!.code)) return;
    this.#told.add(download.error!.code);
    this.clear();
    void errors.lines([line]);
  }

  clear(): void {
    this.#line.clear();
  }
}
