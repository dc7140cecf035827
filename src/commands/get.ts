import type { DownloadView } from '../agent-api.ts';
import type { AgentClient } from '../control/api-client.ts';
import { CompartidosError } from '../core/errors.ts';
import { formatPercent, formatRate } from '../language/quantities.ts';
import { downloadLines, finishedLine } from '../views/download-lines.ts';
import { withAgent, type CommandContext } from './command-context.ts';
import { DONE, FAILED } from './exit-codes.ts';
import { answer } from './queries.ts';

export interface GetOptions {
  readonly from?: string;
  readonly wait?: boolean;
}

/** Fetches files; with `wait` it returns when all have ended, and fails when one of them did. */
export async function get(
  context: CommandContext,
  selectors: readonly string[],
  { from, wait = false }: GetOptions,
): Promise<number> {
  const wanted = selectors.map((path) => ({ path }));
  return withAgent(context, async (agent) => {
    const options = from === undefined ? {} : { from };
    if (!wait) {
      const queued = await agent.get(wanted, options);
      return answer(context, queued, queuedLines(context, queued));
    }
    await agent.subscribe();
    const ended = await follow(context, agent, () => agent.get(wanted, options));
    const lines = ended.map((download) => finishedLine(context.language, download) ?? download.path);
    await answer(context, ended, ended.length === 0 ? queuedLines(context, ended) : lines);
    return ended.every(({ state }) => state === 'done') ? DONE : FAILED;
  });
}

function queuedLines(context: CommandContext, queued: readonly DownloadView[]): string[] {
  if (queued.length === 0) return [context.say('command.nothing-to-get')];
  const lines = queued.length > 20 ? [] : downloadLines(context.language, queued);
  return [...lines, context.say('command.queued', { count: queued.length })];
}

/** Resolves with the downloads that `begin` queues, when all have ended. */
async function follow(
  context: CommandContext,
  agent: AgentClient,
  begin: () => Promise<DownloadView[]>,
): Promise<DownloadView[]> {
  const ended = new Map<string, DownloadView>();
  const moving = new Map<string, DownloadView>();
  let wanted: ReadonlySet<string> | undefined;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  // A download may end before the answer that names it arrives.
  const note = (download: DownloadView) => {
    if (hasEnded(download)) ended.set(download.id, download);
    else moving.set(download.id, download);
    if (!wanted) return;
    if ([...wanted].every((id) => ended.has(id))) finish();
    else
      showProgress(
        context,
        [...wanted].map((id) => ended.get(id) ?? moving.get(id)!),
      );
  };
  const forget = agent.events.on('download', note);
  try {
    const queued = await begin();
    wanted = new Set(queued.map(({ id }) => id));
    for (const download of queued) if (!ended.has(download.id)) note(download);
    if ([...wanted].every((id) => ended.has(id))) finish();
    const gone = agent.closed.then(() => {
      throw new CompartidosError('AGENT_UNREACHABLE', { folder: context.configFile, reason: 'ECONNRESET' });
    });
    await Promise.race([finished, gone]);
    return queued.map(({ id }) => ended.get(id)!);
  } finally {
    forget();
    clearProgress(context);
  }
}

function hasEnded({ state }: DownloadView): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

const CLEAR_LINE = '\r\u001b[K';

function showProgress(
  { errors, language, ...context }: CommandContext,
  downloads: readonly DownloadView[],
): void {
  if (!errors.isTerminal) return;
  const sum = (of: (download: DownloadView) => number) =>
    downloads.reduce((total, each) => total + of(each), 0);
  const line = context.say('command.fetching', {
    done: downloads.filter(hasEnded).length,
    count: downloads.length,
    percent: formatPercent(
      sum(({ bytes }) => bytes),
      sum(({ size }) => size),
    ),
    rate: formatRate(
      language,
      sum(({ rate, state }) => (state === 'transferring' ? rate : 0)),
    ),
  });
  void errors.text(CLEAR_LINE + line);
}

function clearProgress({ errors }: CommandContext): void {
  if (errors.isTerminal) void errors.text(CLEAR_LINE);
}
