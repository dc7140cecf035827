import type { AgentStatus } from '../agent-api.ts';
import { formatNumber } from '../language/quantities.ts';
import { printable } from '../language/printable.ts';
import { padText, textWidth } from '../language/text-width.ts';
import { translate, type Language } from '../language/translate.ts';

export function statusLines(language: Language, status: AgentStatus): string[] {
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
  const titles = facts.map(([name]) => translate(language, `column.${name}`));
  const width = Math.max(...titles.map(textWidth));
  return [
    ...facts.map(([, value], at) => `${padText(titles[at]!, width)}  ${printable(value)}`),
    ...status.problems.map(({ event, fields }) => `! ${translate(language, event, fields)}`),
  ];
}

function readiness(language: Language, { ready, reading }: AgentStatus): string {
  if (!ready) return translate(language, 'view.scanning');
  if (reading === 0) return translate(language, 'view.ready');
  return translate(language, 'view.reading', { count: formatNumber(language, reading) });
}
