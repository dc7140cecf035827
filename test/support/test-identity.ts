import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { deviceIdOfPublicKey } from '../../src/model/device-id.ts';
import type { Identity } from '../../src/security/identity.ts';
import { selfSignedCertificate } from '../../src/security/self-signed-certificate.ts';

/** A new identity that is kept nowhere. */
export function testIdentity(curve = 'P-256', paramEncoding: 'named' | 'explicit' = 'named'): Identity {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve, paramEncoding });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { device: deviceIdOfPublicKey(publicKey), keyPem, certPem: selfSignedCertificate(keyPem) };
}

/** Two identities, the one with the smaller id first. */
export function testIdentities(): [smaller: Identity, larger: Identity] {
  const [a, b] = [testIdentity(), testIdentity()];
  return a.device < b.device ? [a, b] : [b, a];
}
