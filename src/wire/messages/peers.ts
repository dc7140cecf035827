import { deviceIdFromBytes, deviceIdToBytes } from '../../model/device-id.ts';
import { ArrayReader } from '../array-reader.ts';
import { MAX_NAME_BYTES, MAX_PEERS_TOLD, MAX_PORT } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import { DISPLAYABLE } from './hello.ts';
import type { Peers } from './message.ts';

const DEVICE_BYTES = 32;
/** An IP address, never a name: a peer must not make us ask a name server. */
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const ADDRESS = new RegExp(`^(${OCTET}(\\.${OCTET}){3}|(?=[0-9.]*[a-f0-9]*:)[0-9a-f:.]{2,45})$`);
const LONGEST_ADDRESS = 45;

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
      host: reader.formedText('host', { least: 2, most: LONGEST_ADDRESS }, ADDRESS),
      port: reader.integer('port', 1, MAX_PORT),
    };
  });
  return { type: 'peers', peers };
}
