import type { AgentStatus } from '../agent-api.ts';
import { formatNumber } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { translate, type Language } from '../language/translate.ts';
import { pairLines } from './pair-lines.ts';
import type { ListOptions } from './table.ts';

export function statusLines(language: Language, status: AgentStatus, { width }: ListOptions = {}): string[] {
  const facts: readonly [name: string, value: string][] = [
    ['name', status.name],
    ['id', status.id],
    ['version', `compartidos ${status.version} (${translate(language, 'view.process')} ${status.pid})`],
    ['folder', status.folder],
    ['config', status.config],
    ['port', String(status.port)],
    ['access', translate(language, `view.access-${status.access}`)],
    ['ready', readiness(language, status)],
    ['peers', formatNumber(language, status.peers)],
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

function readiness(language: Language, { ready, reading }: AgentStatus): string {
  if (!ready) return translate(language, 'view.scanning');
  if (reading === 0) return translate(language, 'view.ready');
  return translate(language, 'view.reading', { count: reading });
}
