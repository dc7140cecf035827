import type { FileView, PeerView } from '../agent-api.ts';
import type { FoundFile, KnownPeer } from '../catalogue/catalogue.ts';
import type { ClassicPeer, PeerAddress } from '../catalogue/classic-peers.ts';
import { formatDeviceId, type DeviceId } from '../model/device-id.ts';

/** How values of the inner layers look to a face: plain JSON, ids and times as people read them. */

type Holder = FileView['holders'][number];

export function peerView(peer: KnownPeer): PeerView {
  const { name, host, port, files } = peer;
  const id = formatDeviceId(peer.device);
  return { id, name, address: host, port, kind: 'native', state: stateOf(peer.online), files };
}

export function classicPeerView(peer: ClassicPeer): PeerView {
  const { host, port, online, names } = peer;
  const name = classicPeerName(peer);
  return { id: '', name, address: host, port, kind: 'classic', state: stateOf(online), files: names.size };
}

export function foundFileView(file: FoundFile): FileView {
  const { path, size, local } = file;
  const holders = file.holders.map(({ device, name, online }) => holder(device, name, online));
  return { path, size, mtime: isoTime(file.mtimeUs), hash: hex(file.hash), local, holders };
}

/** What people call a classic peer: it has no other name than where it is. */
export function classicPeerName({ host, port }: PeerAddress): string {
  return `${host}:${port}`;
}

/** A name that classic peers said they have: nothing else is known of it. */
export function classicFileView(name: string, peers: readonly ClassicPeer[]): FileView {
  const holders = peers.map((peer) => {
    return { id: '', name: classicPeerName(peer), state: stateOf(peer.online) };
  });
  return { path: name, size: 0, mtime: isoTime(0), hash: null, local: false, holders };
}

export function holder(device: DeviceId, name: string, online: boolean): Holder {
  return { id: formatDeviceId(device), name, state: stateOf(online) };
}

/** ISO 8601 in UTC; a time that no Date holds becomes the nearest one that it does. */
function isoTime(mtimeUs: number): string {
  const limit = 8.64e15;
  return new Date(Math.max(-limit, Math.min(limit, Math.floor(mtimeUs / 1000)))).toISOString();
}

function hex(hash: Uint8Array | undefined): string | null {
  return hash ? Buffer.from(hash).toString('hex') : null;
}

function stateOf(online: boolean): 'online' | 'offline' {
  return online ? 'online' : 'offline';
}
