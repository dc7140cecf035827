import type { AgentStatus, PeerView } from '../agent-api.ts';
import { formatNumber } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { translate, type Language } from '../language/translate.ts';
import { pairLines } from './pair-lines.ts';
import type { ListOptions } from './table.ts';

/** How the agent is, and how many of the `peers` that it knows are online. */
export function statusLines(
  language: Language,
  status: AgentStatus,
  peers: readonly PeerView[],
  { width }: ListOptions = {},
): string[] {
  const facts: readonly [name: string, value: string][] = [
    ['name', status.name],
    ['id', status.id],
    ['version', `compartidos ${status.version} (${translate(language, 'view.process')} ${status.pid})`],
    ['folder', status.folder],
    ['config', status.config],
    ['port', String(status.port)],
    ['access', translate(language, `view.access-${status.access}`)],
    ['ready', readiness(language, status)],
    ['peers', presence(language, peers)],
    ['files', formatNumber(language, status.files)],
    ['transfers', formatNumber(language, status.transfers)],
  ];
  const pairs = facts.map(
    ([name, value]) => [translate(language, `column.${name}`), printable(value)] as const,
  );
  return [
    ...pairLines(pairs, width),
    ...status.problems.map(({ event, fields }) => `! ${translate(language, event, fields)}`),
  ];
}

function presence(language: Language, peers: readonly PeerView[]): string {
  return translate(language, 'view.peers-online', {
    online: formatNumber(language, peers.filter(({ state }) => state === 'online').length),
    known: formatNumber(language, peers.length),
  });
}

/** Problems with which nothing is shared or fetched. */
const WITHOUT_FOLDER: ReadonlySet<string> = new Set(['error.FOLDER_MISSING', 'error.FOLDER_CHANGED']);

function readiness(language: Language, { ready, reading, problems }: AgentStatus): string {
  if (problems.some(({ event }) => WITHOUT_FOLDER.has(event))) return translate(language, 'view.no-folder');
  if (!ready) return translate(language, 'view.scanning');
  if (reading === 0) return translate(language, 'view.ready');
  return translate(language, 'view.reading', { count: reading });
}
