import type { DownloadOrder } from '../../src/transfer/download-order.ts';
import { fileEntry } from './entries.ts';

/** What a person orders: the file `path`, in the place that it has at its source; changed as wanted. */
export function orderFor(path: string, changes: Partial<DownloadOrder> = {}): DownloadOrder {
  const content = changes.content ?? fileEntry(path);
  return {
    ...{ path, target: content.path, content, devices: [], classic: undefined },
    ...{ reason: 'person', priority: 0, ruleId: undefined, mode: undefined },
    ...changes,
  };
}
