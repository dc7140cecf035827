import type { DownloadView } from '../agent-api.ts';
import type { AgentClient } from '../control/api-client.ts';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/system-clock.ts';
import { formatRate } from '../language/quantities.ts';
import { donePercent, waitingLine } from '../views/download-lines.ts';
import type { CommandContext } from './command-context.ts';

/** ms between two looks of the progress. */
const PROGRESS_INTERVAL = 100;
const CLEAR_LINE = '\r\u001b[K';

/**
 * Resolves with the downloads that `begin` queues, in their order, when all have ended; shows meanwhile how far they are,
 * and why they wait. The client is to be subscribed to events.
 * @throws AGENT_STOPPED, AGENT_UNREACHABLE when the agent goes away
 */
export async function followDownloads(
  context: CommandContext,
  agent: Pick<AgentClient, 'events' | 'closed'>,
  begin: () => Promise<readonly DownloadView[]>,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): Promise<DownloadView[]> {
  const progress = new Progress(context, clock);
  const latest = new Map<string, DownloadView>();
  let pending: Set<string> | undefined;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const forget = agent.events.on('download', (download) => {
    latest.set(download.id, download);
    if (!pending?.has(download.id)) return;
    if (hasEnded(download)) pending.delete(download.id);
    else progress.tellWhyItWaits(download);
    if (pending.size === 0) finish();
    else progress.show(wanted);
  });
  let queued: readonly DownloadView[] = [];
  const wanted = () => queued.map((download) => latest.get(download.id) ?? download);
  try {
    queued = await begin();
    // A download may end before the answer that names it arrives.
    const unended = wanted().filter((download) => !hasEnded(download));
    pending = new Set(unended.map(({ id }) => id));
    for (const download of unended) progress.tellWhyItWaits(download);
    const gone = agent.closed.then((error) => {
      throw error;
    });
    if (pending.size === 0) finish();
    await Promise.race([finished, gone]);
    return wanted();
  } finally {
    forget();
    progress.clear();
  }
}

/** One line at the bottom of a terminal, and lines above it that say what does not go on. */
class Progress {
  readonly #context: CommandContext;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #told = new Set<string>();
  #shownAt = -Infinity;

  constructor(context: CommandContext, clock: Pick<Clock, 'monotonic'>) {
    this.#context = context;
    this.#clock = clock;
  }

  show(wanted: () => readonly DownloadView[]): void {
    const { errors, language, say } = this.#context;
    const now = this.#clock.monotonic();
    if (!errors.isTerminal || now - this.#shownAt < PROGRESS_INTERVAL) return;
    this.#shownAt = now;
    const downloads = wanted();
    const moving = downloads.filter(({ state }) => state === 'transferring');
    const line = say('command.fetching', {
      done: downloads.filter(hasEnded).length,
      count: downloads.length,
      percent: donePercent(downloads),
      rate: formatRate(
        language,
        moving.reduce((total, { rate }) => total + rate, 0),
      ),
    });
    void errors.text(CLEAR_LINE + line);
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
    if (this.#context.errors.isTerminal) void this.#context.errors.text(CLEAR_LINE);
  }
}

function hasEnded({ state }: DownloadView): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
