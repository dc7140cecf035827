import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DownloadView } from '../../src/transfer/download.ts';
import { MemoryLan } from './memory-lan.ts';
import { TransferPeer } from './transfer-peer.ts';
import type { TransferPeerOptions } from './transfer-peer.ts';

/** Two connected peers; the options are bob's. */
export async function pair(t: ExecutionContext, options: TransferPeerOptions = {}) {
  const lan = new MemoryLan();
  const alice = await TransferPeer.start(t, lan, 'alice');
  const bob = await TransferPeer.start(t, lan, 'bob', options);
  lan.connectAll();
  return { lan, alice, bob };
}

/** Names in the folder of temporary files. */
export async function incomingOf(peer: TransferPeer): Promise<string[]> {
  return readdir(join(peer.folder, '.compartidos', 'incoming'));
}

/** Whole buffers are not shown when they differ, and not compared byte by byte by the assertion. */
export async function sameBytes(
  t: ExecutionContext,
  peer: TransferPeer,
  path: string,
  bytes: Buffer,
): Promise<void> {
  t.true((await peer.read(path)).equals(bytes), `${path} at ${peer.name}`);
}

/** The first view of the download `id` that fulfils `condition`. */
export async function untilView(
  peer: TransferPeer,
  id: string,
  condition: (view: DownloadView) => boolean,
): Promise<DownloadView> {
  const current = peer.downloads.list().find((view) => view.id === id)!;
  if (condition(current)) return current;
  return new Promise((resolve, reject) => {
    const remove = peer.downloads.events.on('changed', (download) => {
      const view = download.view();
      if (view.id !== id) return;
      if (condition(view)) resolve(view);
      else if (view.state === 'done') reject(new Error(`${view.path} is done and was never as expected`));
      else return;
      remove();
    });
  });
}
