import { downloadLines } from '../views/download-lines.ts';
import { fileLines } from '../views/file-lines.ts';
import { checkLines, conflictLines, ruleTestLines, trashLines } from '../views/keeping-lines.ts';
import { peerLines } from '../views/peer-lines.ts';
import { queueView } from '../views/queue-view.ts';
import type { ListOptions } from '../views/table.ts';
import { statusLines } from '../views/status-lines.ts';
import type { AgentClient } from '../control/api-client.ts';
import type { DownloadView } from '../agent-api.ts';
import { trashId } from '../views/trash-choice.ts';
import { translate, type Language } from '../language/translate.ts';
import { sideOfWord } from '../prompt/command-words.ts';
import { usageError, withAgent, type CommandContext } from './command-context.ts';
import { DONE, FAILED } from './exit-codes.ts';

/** Commands that ask the running agent one thing and show the answer. Each returns the exit code. */

export async function status(context: CommandContext): Promise<number> {
  const [now, others] = await withAgent(context, async (agent) => [
    await agent.status(),
    await agent.peers(),
  ]);
  return answer(context, now, () => statusLines(context.language, now, others, { width: context.out.width }));
}

export const peers = (context: CommandContext) => show(context, (agent) => agent.peers(), peerLines);

export const list = (context: CommandContext, glob?: string) =>
  show(context, (agent) => agent.list(glob), fileLines);

export const find = (context: CommandContext, query: string) =>
  show(
    context,
    (agent) => agent.find(query),
    (language, files, options) => fileLines(language, files, { ...options, holders: true }),
  );

/** In a pipe all of them, in the order in which they were asked for. */
export const queue = (context: CommandContext) =>
  show(
    context,
    (agent) => agent.queue(),
    (language, downloads, options) =>
      context.out.isTerminal
        ? queueView(language, downloads, options).lines
        : downloadLines(language, downloads, options),
  );

export const pause = (context: CommandContext, ids: readonly string[]) =>
  show(context, (agent) => agent.pause(ids), changedLines('command.nothing-to-pause'));

/** Rules may go on where no download does. */
export const resume = (context: CommandContext, ids: readonly string[]) =>
  show(context, (agent) => agent.resume(ids), changedLines('command.all-goes-on'));

export const cancel = (context: CommandContext, ids: readonly string[]) =>
  show(context, (agent) => agent.cancel(ids), changedLines('command.nothing-to-cancel'));

export const conflicts = (context: CommandContext) =>
  show(context, (agent) => agent.conflicts(), conflictLines);

export const trash = (context: CommandContext) => show(context, (agent) => agent.trash(), trashLines);

export const rulesTest = (context: CommandContext) =>
  show(context, (agent) => agent.testRules(), ruleTestLines);

/** Fails when content was found to be corrupt. */
export async function check(context: CommandContext): Promise<number> {
  const result = await withAgent(context, (agent) => agent.check());
  await answer(context, result, () => checkLines(context.language, result));
  return result.corrupt.length === 0 ? DONE : FAILED;
}

export async function resolve(context: CommandContext, path: string, side: string): Promise<number> {
  const keep = sideOfWord(side);
  if (!keep) throw usageError(context.language, 'usage.bad-keep');
  const settled = await withAgent(context, (agent) => agent.resolve(path, keep));
  return answer(context, { path: settled, kept: keep }, () => [
    context.say('command.resolved', { path: settled }),
  ]);
}

export async function restore(context: CommandContext, named: string): Promise<number> {
  const { id, path } = await withAgent(context, async (agent) => {
    const id = trashId(await agent.trash(), named);
    return { id, path: await agent.restore(id) };
  });
  return answer(context, { id, path }, () => [context.say('command.restored', { path })]);
}

/** Returns when the agent has stopped, not only been asked to. */
export async function stop(context: CommandContext): Promise<number> {
  await withAgent(context, async (agent) => {
    await agent.stop();
    const end = await agent.closed;
    if (end.code === 'AGENT_UNREACHABLE') throw end;
  });
  return answer(context, { stopped: true }, () => [context.say('command.stopped')]);
}

/** The downloads that were changed, or what is to be said when none was. */
const changedLines =
  (none: string) =>
  (language: Language, changed: readonly DownloadView[], options: ListOptions): string[] =>
    changed.length > 0 ? downloadLines(language, changed, options) : [translate(language, none)];

async function show<View>(
  context: CommandContext,
  ask: (agent: AgentClient) => Promise<View>,
  lines: (language: Language, view: View, options: ListOptions) => readonly string[],
): Promise<number> {
  const view = await withAgent(context, ask);
  return answer(context, view, () => lines(context.language, view, { width: context.out.width }));
}

/** Says a result in the form that was asked for. */
export async function answer(
  { out, json }: CommandContext,
  value: unknown,
  lines: () => readonly string[],
): Promise<number> {
  await (json ? out.json(value) : out.lines(lines()));
  return DONE;
}
