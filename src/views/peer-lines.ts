import type { PeerView } from '../agent-api.ts';
import { formatNumber } from '../language/quantities.ts';
import { SHOWN_ID_LENGTH } from '../model/device-id.ts';
import { translate, type Language } from '../language/translate.ts';
import { tableLines, type ListOptions } from './table.ts';

export function peerLines(
  language: Language,
  peers: readonly PeerView[],
  { width }: ListOptions = {},
): string[] {
  if (peers.length === 0) return [translate(language, 'view.no-peers')];
  const title = (name: string) => translate(language, `column.${name}`);
  return tableLines(
    peers,
    [
      { title: title('name'), cut: 'middle', cell: ({ name }) => name },
      { title: title('state'), cell: ({ state }) => translate(language, `peer-state.${state}`) },
      { title: title('files'), align: 'right', cell: ({ files }) => formatNumber(language, files) },
      { title: title('address'), spare: 2, cell: formatAddress },
      {
        title: title('id'),
        spare: 1,
        cell: ({ id, kind }) => id.slice(0, SHOWN_ID_LENGTH) || translate(language, `peer-kind.${kind}`),
      },
    ],
    width,
  );
}

/** `10.0.0.7:6000` or `[fe80::1]:6000`. */
export function formatAddress({ address, port }: Pick<PeerView, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
