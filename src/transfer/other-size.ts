import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DownloadOrder } from './download-order.ts';

/**
 * The order for the same content in the next size that somebody announces it with; the same when all agree. A hash says
 * nothing of the size: when one has not come true, it is the turn of another.
 */
export function otherSize(catalogue: Pick<Catalogue, 'withHash'>, order: DownloadOrder): DownloadOrder {
  const { content } = order;
  if (!content?.hash) return order;
  const claims = catalogue.withHash(content.hash);
  const sizes = [...new Set(claims.map(({ entry }) => entry.size))];
  const size = sizes[(sizes.indexOf(content.size) + 1) % sizes.length];
  if (size === undefined || size === content.size) return order;
  const same = claims.filter(({ entry }) => entry.size === size);
  return { ...order, content: same[0]!.entry, devices: same.map(({ device }) => device) };
}
