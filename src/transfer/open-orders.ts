import type { RuleSettings } from '../config/settings.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import { isFinal } from './disk-trouble.ts';
import type { Download } from './download.ts';
import type { DownloadAttempts } from './download-attempts.ts';
import { isOlder, isSameOrder, isSameVersion } from './download-match.ts';
import type { DownloadOrder } from './download-order.ts';
import type { DownloadRegister } from './download-register.ts';
import { isRunning } from './download-state.ts';
import type { DownloadTelling } from './download-telling.ts';

type Attempts = Pick<DownloadAttempts, 'enqueue' | 'again' | 'wake'>;

/** Orders that are not fulfilled: who orders the same joins them, and they follow what their sources announce. */
export class OpenOrders {
  readonly #register: DownloadRegister;
  readonly #attempts: Attempts;
  readonly #telling: Pick<DownloadTelling, 'changed'>;

  constructor(register: DownloadRegister, attempts: Attempts, telling: Pick<DownloadTelling, 'changed'>) {
    this.#register = register;
    this.#attempts = attempts;
    this.#telling = telling;
  }

  /** The download that brings what is ordered, perhaps from now on; undefined when a new one is to be made. */
  join(order: DownloadOrder): Download | undefined {
    const there = this.#register.at(order.target);
    const same = there.find((download) => isSameOrder(download, order)) ?? there.find(isSameVersion(order));
    const found = same ?? there.find((download) => isOlder(download, order));
    if (!found) return undefined;
    found.isGivenUp = false;
    if (same) this.#widen(same, order);
    else this.#restart(found, order);
    return found;
  }

  /** `device` says that it has these now. */
  announced(device: DeviceId, entries: readonly FileEntry[]): void {
    if (this.#register.active === 0) return;
    const paths = new Set<RelativePath>();
    for (const entry of entries) {
      paths.add(entry.path);
      for (const download of this.#register.from(entry.path)) {
        const { content, devices, reason } = download.order;
        if (!content || !devices.includes(device) || entry.deleted || entry.type !== 'file') continue;
        const ordering = compareVersions(entry.version, content.version);
        if (ordering === 'newer') {
          // A rule asks by itself for what it makes of it now.
          if (reason === 'person') this.#restart(download, { ...download.order, content: entry });
        }
        // It has been hashed further meanwhile.
        else if (ordering === 'equal' && !isRunning(download.state) && entry.size === content.size) {
          this.#register.reorder(download, { ...download.order, content: entry });
        }
      }
    }
    this.#attempts.wake(({ contentPath }) => contentPath !== undefined && paths.has(contentPath));
  }

  /** It is `rule` by which a download is wanted now. What a person asked for, too, stays as it is. */
  followRule(download: Download, { id: ruleId, mode, priority, maxSize }: RuleSettings): void {
    const { facts } = download;
    const isMoved = priority !== facts.priority;
    const classic = facts.classic && { ...facts.classic, maxSize };
    const isLimited = facts.classic?.maxSize !== classic?.maxSize;
    const isSame = ruleId === facts.ruleId && mode === facts.mode && !isMoved && !isLimited;
    if (facts.reason === 'person' || isSame) return;
    download.order = { ...download.order, classic, ruleId, mode, priority };
    this.#telling.changed(download);
    if (isMoved && download.state === 'queued') this.#attempts.enqueue(download);
  }

  /** Somebody asks for what is asked for already. */
  #widen(download: Download, order: DownloadOrder): void {
    const { devices, classic, reason, priority } = download.order;
    const isMoreUrgent = reason !== reasonOf(download, order);
    download.order = {
      ...download.order,
      devices: [...new Set([...devices, ...order.devices])],
      classic: order.classic,
      reason: reasonOf(download, order),
      priority: Math.max(priority, order.priority),
    };
    // Meanwhile the source has hashed all of it.
    const isHashedNow = order.content?.hash && !download.order.content?.hash;
    if (isHashedNow) this.#register.reorder(download, { ...download.order, content: order.content });
    this.#telling.changed(download);
    const isOtherLimit = classic?.maxSize !== order.classic?.maxSize;
    const isWorthIt =
      order.reason === 'person' || isOtherLimit || !download.error || !isFinal(download.error);
    if (download.state === 'failed' && isWorthIt && download.apply('resumed')) this.#attempts.again(download);
    else if (download.state === 'queued' && isMoreUrgent) this.#attempts.enqueue(download);
  }

  /** A newer version of what is being downloaded: what fits it of the old one is kept. */
  #restart(download: Download, order: DownloadOrder): void {
    this.#register.reorder(download, { ...order, reason: reasonOf(download, order) });
    download.forgive();
    if (isRunning(download.state)) download.interruption?.interrupt();
    else if (download.state === 'queued') this.#attempts.enqueue(download);
    this.#telling.changed(download);
  }
}

/** Who has asked for a download that is ordered again: a person, if any did. */
function reasonOf(download: Download, order: DownloadOrder): DownloadOrder['reason'] {
  return order.reason === 'person' ? 'person' : download.facts.reason;
}
