import type { DownloadView } from '../agent-api.ts';
import { downloadLines, finishedLine } from '../views/download-lines.ts';
import { FEW } from '../views/download-totals.ts';
import { otherFileLines } from '../views/other-files.ts';
import { ChangingLine } from './changing-line.ts';
import { withAgent, type CommandContext } from './command-context.ts';
import { DONE, FAILED, INTERRUPTED } from './exit-codes.ts';
import { followDownloads, type EndedDownloads } from './follow-downloads.ts';
import { answer } from './queries.ts';

export interface GetOptions {
  readonly from?: string;
  readonly wait?: boolean;
}

/**
 * Fetches files; with `wait` it returns when all have ended, and fails when one of them did. Who ends the waiting is told that
 * the agent goes on.
 */
export async function get(
  context: CommandContext,
  selectors: readonly string[],
  { from, wait = false }: GetOptions,
): Promise<number> {
  const wanted = selectors.map((path) => ({ path }));
  return withAgent(context, async (agent) => {
    const options = from === undefined ? {} : { from };
    const ask = () => agent.get(wanted, options);
    const othersThan = async (got: readonly DownloadView[]) =>
      got.length === 0 || context.json || from !== undefined
        ? []
        : otherFileLines(context.language, agent, selectors, 'command.other-files');
    if (!wait) {
      const queued = await new ChangingLine(context.errors).during(context.say('view.looking'), ask());
      const more = await othersThan(queued);
      return answer(context, queued, () => [...queuedLines(context, queued), ...more]);
    }
    await agent.subscribe();
    const outcome = await followDownloads(context, agent, ask, { end: context.io.endRequested() });
    if (!outcome) {
      if (!context.json) await context.errors.lines([context.say('command.goes-on')]);
      return INTERRUPTED;
    }
    const { ended } = outcome;
    const more = await othersThan(ended);
    await answer(context, ended, () =>
      ended.length === 0 ? queuedLines(context, ended) : [...endedLines(context, outcome), ...more],
    );
    return ended.every(({ state }) => state === 'done') ? DONE : FAILED;
  });
}

/** A line for each, or, where a person would have to read many, for those that have failed and one for all. */
function endedLines({ language, out }: CommandContext, { ended, totals }: EndedDownloads): string[] {
  const isSummed = out.isTerminal && ended.length > FEW;
  const told = isSummed ? ended.filter(({ state }) => state === 'failed').slice(0, FEW) : ended;
  const lines = told.map((download) => finishedLine(language, download) ?? download.path);
  return isSummed ? [...lines, totals.summary(language)] : lines;
}

function queuedLines(context: CommandContext, queued: readonly DownloadView[]): string[] {
  if (queued.length === 0) return [context.say('command.nothing-to-get')];
  const lines =
    queued.length > FEW ? [] : downloadLines(context.language, queued, { width: context.out.width });
  return [...lines, context.say('command.queued', { count: queued.length })];
}
