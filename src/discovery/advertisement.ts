import { CompartidosError } from '../core/errors.ts';
import { parseDeviceId, type DeviceId } from '../model/device-id.ts';
import { PROTOCOL_VERSIONS } from '../wire/negotiation.ts';
import { isPort } from './ip-address.ts';
import { hostName } from './service-name.ts';

/** What we say of ourselves to the network. */
export interface Advertisement {
  readonly device: DeviceId;
  /** The name of the host in the SRV record: no other agent's and no other responder's. */
  readonly host: string;
  readonly port: number;
  /** Key and value of the TXT entries: `id`, `v` (the protocol version), `n` (the display name). */
  readonly text: Readonly<Record<'id' | 'v' | 'n', string>>;
}

/** RFC 6763 section 6.1: one TXT entry, key and `=` included, has at most 255 bytes. */
const MAX_ENTRY = 255;

/**
 * Checks and shortens what is to be published: bonjour-service would publish it as it is, and packets that hold an
 * entry that is too long cannot be decoded by anybody.
 * @throws DEVICE_ID_INVALID, INTERNAL for a port outside 1…65535
 */
export function advertisementOf({
  device,
  name,
  port,
}: {
  device: DeviceId;
  name: string;
  port: number;
}): Advertisement {
  if (!isPort(port)) throw new CompartidosError('INTERNAL', { message: 'this port cannot be published' });
  const id = parseDeviceId(device);
  return {
    device: id,
    host: hostName(id),
    port,
    text: { id, v: String(PROTOCOL_VERSIONS.highest), n: cut(displayable(name), MAX_ENTRY - 'n='.length) },
  };
}

function displayable(name: string): string {
  return name.toWellFormed().replace(/\p{Cc}+/gu, ' ');
}

/** The longest beginning of `text` that has at most `bytes` bytes of UTF-8 and ends between two characters. */
function cut(text: string, bytes: number): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
