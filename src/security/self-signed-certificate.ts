import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';

/**
 * A self-signed certificate (RFC 5280, version 3, no extensions) for an ECDSA key. TLS needs one to carry the public
 * key; nothing else in it means anything: a device is known by its key alone. The few DER values that it takes are
 * written out here, which spares a library for X.509 and its dependencies.
 */
export function selfSignedCertificate(privateKeyPem: string): string {
  const privateKey = createPrivateKey(privateKeyPem);
  const name = sequence(set(sequence(COMMON_NAME, der(TAG.utf8String, Buffer.from('compartidos')))));
  const toBeSigned = sequence(
    der(TAG.version, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serialNumber()),
    ECDSA_WITH_SHA256,
    name,
    sequence(der(TAG.utcTime, Buffer.from(NOT_BEFORE)), der(TAG.generalizedTime, Buffer.from(NOT_AFTER))),
    name,
    publicKeyInfo(privateKey),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(
    toBeSigned,
    ECDSA_WITH_SHA256,
    der(TAG.bitString, Buffer.concat([NO_UNUSED_BITS, signature])),
  );
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Tags of X.690. */
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** [0] EXPLICIT, of the version. */
  version: 0xa0,
};

const NO_UNUSED_BITS = Buffer.of(0);
/** 1970: clocks without a battery start there. */
const NOT_BEFORE = '700101000000Z';
/** RFC 5280, section 4.1.2.5: the certificate has no well-defined expiration date. */
const NOT_AFTER = '99991231235959Z';
/** 2.5.4.3 */
const COMMON_NAME = der(TAG.objectIdentifier, Buffer.of(0x55, 0x04, 0x03));
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(
  der(TAG.objectIdentifier, Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
);

/** Positive and without leading zeros. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (bytes[0]! & 0x3f);
  return bytes;
}

function publicKeyInfo(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(TAG.sequence, ...parts);
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return der(TAG.set, ...parts);
}

/** Tag, length in the definite form (X.690, section 8.1.3), content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? Buffer.of(content.length)
      : content.length < 0x100
        ? Buffer.of(0x81, content.length)
        : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
}
