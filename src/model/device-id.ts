import { createHash } from 'node:crypto';
import { CompartidosError } from '../core/errors.ts';

declare const brand: unique symbol;

/**
 * Who a device is: the SHA-256 of its public key (SubjectPublicKeyInfo, DER) in base32 (RFC 4648 section 6,
 * upper case, no padding): 52 characters. People see it through `formatDeviceId`.
 */
export type DeviceId = string & { readonly [brand]: 'DeviceId' };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BYTES = 32;
const LENGTH = 52;
/** 52 characters in four runs of 13, each followed by a check character, shown in groups of seven. */
const RUN = 13;
const GROUP = 7;

/** The id of the device that holds the private key of `publicKey` (SubjectPublicKeyInfo, DER). */
export function deviceIdOfPublicKey(publicKey: Uint8Array): DeviceId {
  return deviceIdFromBytes(createHash('sha256').update(publicKey).digest());
}

/** An id that counts in place of `device`, where a peer has left it nothing to count with; nobody has its key. */
export function succeedingDevice(device: DeviceId): DeviceId {
  return deviceIdFromBytes(createHash('sha256').update(deviceIdToBytes(device)).digest());
}

/** @throws DEVICE_ID_INVALID unless `bytes` are 32. */
export function deviceIdFromBytes(bytes: Uint8Array): DeviceId {
  if (bytes.length !== BYTES) throw invalid(`${bytes.length} bytes`);
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
  }
  text += ALPHABET[(value << (5 - bits)) & 31];
  return text as DeviceId;
}

/** The 32 bytes of an id, as they go on the wire. */
export function deviceIdToBytes(id: DeviceId): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const character of id) {
    value = ((value << 5) | ALPHABET.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (value >>> bits) & 0xff;
    }
  }
  return bytes;
}

/** The form that people see: eight groups of seven, with a check character after every thirteen. */
export function formatDeviceId(id: DeviceId): string {
  let text = '';
  for (let at = 0; at < LENGTH; at += RUN) {
    const run = id.slice(at, at + RUN);
    text += run + checkCharacter(run);
  }
  return text.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
}

/** Characters of `formatDeviceId` that people are shown: two groups. */
export const SHOWN_ID_LENGTH = 2 * GROUP + 1;

/** The first group: enough to tell the devices of one network apart at a glance, not to identify one. */
export function shortDeviceId(id: DeviceId): string {
  return id.slice(0, GROUP);
}

/**
 * Reads an id as people write it: with or without check characters, dashes and spaces, in any case.
 * @throws DEVICE_ID_INVALID when it is not one, or when a check character does not fit.
 */
export function parseDeviceId(text: string): DeviceId {
  const plain = text.toUpperCase().replace(/[-\s]/g, '');
  const runs = RUN + 1;
  let id = plain;
  if (plain.length === (LENGTH / RUN) * runs) {
    id = '';
    for (let at = 0; at < plain.length; at += runs) {
      const run = plain.slice(at, at + RUN);
      if (plain[at + RUN] !== checkCharacter(run)) throw invalid(text);
      id += run;
    }
  }
  // 52 characters hold 260 bits: the last four of them are zero in every id that came from 32 bytes.
  if (!new RegExp(`^[A-Z2-7]{${LENGTH - 1}}[AQ]$`).test(id)) throw invalid(text);
  return id as DeviceId;
}

/** Luhn mod N (ISO/IEC 7812-1 annex B, generalised to 32 symbols): finds any one wrong or swapped character. */
function checkCharacter(run: string): string {
  let sum = 0;
  let factor = 1;
  for (const character of run) {
    const product = factor * ALPHABET.indexOf(character);
    sum += Math.floor(product / ALPHABET.length) + (product % ALPHABET.length);
    factor = factor === 1 ? 2 : 1;
  }
  return ALPHABET[(ALPHABET.length - (sum % ALPHABET.length)) % ALPHABET.length]!;
}

function invalid(value: string): CompartidosError {
  return new CompartidosError('DEVICE_ID_INVALID', { value: value.slice(0, 80) });
}
