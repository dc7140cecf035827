import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { deviceIdOfPublicKey, type DeviceId } from '../model/device-id.ts';
import { isP256, type Identity } from '../security/identity.ts';
import { ALPN_PROTOCOL } from '../wire/negotiation.ts';
import { plainAddress } from './address.ts';

/** AES-128-GCM first: with AES instructions it is the fastest of the three that TLS 1.3 names. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** A TLS 1.3 connection whose other end has proved which device it is. */
export interface SecureSocket {
  readonly socket: Duplex;
  readonly device: DeviceId;
  /** The other end's IP address, with the zone if it is link-local. */
  readonly address: string;
  readonly port: number;
  /** Our own IP address on this connection. */
  readonly localAddress: string;
  /** Whether we opened it. */
  readonly dialled: boolean;
  /** Has `listener` called with all that arrives. A chunk is valid until it returns. To be called once. */
  receive(listener: (chunk: Uint8Array) => void): void;
}

/** What both ends of a connection use of an identity. Costs milliseconds: to be made once. */
export function secureContextOf(identity: Identity): SecureContext {
  return createSecureContext({
    key: identity.keyPem,
    cert: identity.certPem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
  });
}

/**
 * Which device is at the other end, or why that is not proved. The certificate is only the envelope of the key whose
 * possession the handshake has proved (RFC 8446, section 4.4.3): nobody's signature on it is asked for.
 */
export function provenDevice(socket: TLSSocket): { device: DeviceId } | { problem: string } {
  if (socket.getProtocol() !== 'TLSv1.3') return { problem: 'tls-version' };
  if (socket.alpnProtocol !== ALPN_PROTOCOL) return { problem: 'application-protocol' };
  const key = socket.getPeerX509Certificate()?.publicKey;
  if (!key) return { problem: 'no-certificate' };
  if (!isP256(key)) return { problem: 'key-type' };
  return { device: deviceIdOfPublicKey(key.export({ type: 'spki', format: 'der' })) };
}

/** Facts of `socket`, to be taken while it is open: a closed one has forgotten them. */
export function endpoints(socket: TLSSocket): Pick<SecureSocket, 'address' | 'port' | 'localAddress'> {
  return {
    address: plainAddress(socket.remoteAddress ?? ''),
    port: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress ?? ''),
  };
}
