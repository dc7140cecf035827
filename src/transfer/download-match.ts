import { compareVersions } from '../model/version-vector.ts';
import type { Download } from './download.ts';
import type { ClassicSource, DownloadOrder } from './download-order.ts';
import { isActive } from './download-state.ts';
import { sameHash } from './hash-key.ts';

/**
 * Whether a download to the same target brings what is ordered, in the same version: of the same content in a newer
 * version the version is to be taken over, too.
 */
export function isSameOrder({ order: { content, classic } }: Download, order: DownloadOrder): boolean {
  const wanted = order.content;
  if (!content || !wanted) return content === wanted && isSameSource(classic, order.classic);
  if (content.type !== wanted.type || compareVersions(content.version, wanted.version) !== 'equal')
    return false;
  return (
    content.hash === wanted.hash || (!!content.hash && !!wanted.hash && sameHash(content.hash, wanted.hash))
  );
}

function isSameSource(one: ClassicSource | undefined, other: ClassicSource | undefined): boolean {
  return one?.host === other?.host && one?.port === other?.port && one?.name === other?.name;
}

/** Whether a download is after the very version that is ordered, hashed or not. */
export function isSameVersion({ content }: DownloadOrder): (download: Download) => boolean {
  return ({ order: { content: wanted }, state }) =>
    content !== undefined &&
    wanted?.path === content.path &&
    wanted.size === content.size &&
    isActive(state) &&
    (!wanted.hash || !content.hash) &&
    compareVersions(wanted.version, content.version) === 'equal';
}

/** Whether `order` is for a newer version of the content that `download` is after. */
export function isOlder({ order: { content, classic }, state }: Download, order: DownloadOrder): boolean {
  if (!content || !order.content || classic || !isActive(state)) return false;
  return (
    content.path === order.content.path && compareVersions(order.content.version, content.version) === 'newer'
  );
}
