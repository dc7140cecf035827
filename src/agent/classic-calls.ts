import type { ClassicQueries } from '../catalogue/classic-peers.ts';
import type { Clock } from '../core/clock.ts';
import type { ClassicTransfers } from '../transfer/classic-run.ts';
import { downloadClassic, probeClassic, searchClassic } from '../transport/classic-client.ts';

/** The classic client, as those who ask classic peers see it. */
export function classicQueries(clock: Clock): ClassicQueries {
  return {
    probe: ({ host, port }) => probeClassic(host, port, { clock }),
    search: ({ host, port }, name) => searchClassic(host, port, name, { clock }),
  };
}

/** The classic client, as those who fetch from classic peers see it. */
export function classicTransfers(clock: Clock): ClassicTransfers {
  return {
    content: ({ host, port, name }, maxBytes, signal) =>
      downloadClassic(host, port, name, { clock, signal, maxBytes }),
    search: ({ host, port, name }, signal) => searchClassic(host, port, name, { clock, signal }),
  };
}
