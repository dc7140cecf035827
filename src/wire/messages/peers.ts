import { deviceIdFromBytes, deviceIdToBytes } from '../../model/device-id.ts';
import { ArrayReader } from '../array-reader.ts';
import { invalidMessage, Reason } from '../invalid.ts';
import { MAX_NAME_BYTES, MAX_PEERS_TOLD, MAX_PORT } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import { DISPLAYABLE } from './hello.ts';
import type { Peers } from './message.ts';

const DEVICE_BYTES = 32;
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
const IPV6_DIGITS = /^[0-9a-f:]+$/;
const LONGEST_ADDRESS = 39;

export function encodePeers({ peers }: Peers): WireValue {
  return [peers.map(({ device, name, host, port }) => [deviceIdToBytes(device), name, host, port])];
}

/** @throws MESSAGE_INVALID */
export function decodePeers(value: unknown): Peers {
  const told = new ArrayReader('peers', value).array('peers', MAX_PEERS_TOLD);
  const peers = told.map((element) => {
    const reader = new ArrayReader('peers.peer', element);
    return {
      device: deviceIdFromBytes(reader.bytes('device', { least: DEVICE_BYTES, most: DEVICE_BYTES })),
      name: reader.formedText('name', { least: 1, most: MAX_NAME_BYTES }, DISPLAYABLE),
      host: decodeAddress(reader),
      port: reader.integer('port', 1, MAX_PORT),
    };
  });
  return { type: 'peers', peers };
}

/** An IP address, never a name: a peer must not make us ask a name server. */
function decodeAddress(reader: ArrayReader): string {
  const host = reader.text('host', { least: 2, most: LONGEST_ADDRESS });
  if (IPV4.test(host) || isIpv6(host)) return host;
  throw invalidMessage('peers.peer.host', 'an IP address in its one form', new Reason('other text'));
}

/** Whether `host` is an IPv6 address as a URL has it, which is the form of RFC 5952 without dots. */
function isIpv6(host: string): boolean {
  const url = `http://[${host}]/`;
  return IPV6_DIGITS.test(host) && URL.canParse(url) && new URL(url).hostname === `[${host}]`;
}
