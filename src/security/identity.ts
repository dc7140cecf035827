import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import { NodeFileSystem } from '../core/node-file-system.ts';
import { deviceIdOfPublicKey, type DeviceId } from '../model/device-id.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** A public key on P-256 as DER SubjectPublicKeyInfo, its length included, up to the coordinates of its point. */
const P256_BEGINNING = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/** Who this device is, and the means to prove it. */
export interface Identity {
  readonly device: DeviceId;
  /** ECDSA P-256, PKCS #8. Never leaves this process and its file. */
  readonly keyPem: string;
  /** Self-signed; carries the public key. */
  readonly certPem: string;
}

/**
 * The identity kept in `stateFolder`, made at the first start. A key that is there and cannot be used is never
 * replaced: others know the device by it.
 * @throws IDENTITY_UNREADABLE with `file` and `reason`: `damaged`, `exposed` (others may read it), `lost` (only its
 * certificate is left), or the system's error code
 */
export async function loadIdentity(stateFolder: string): Promise<Identity> {
  const folder = identityFolderOf(stateFolder);
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'certificate.pem');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const certPem = await readIfThere(certFile);
    const keyPem = (await readKey(keyFile)) ?? (await makeKey(keyFile, certPem !== undefined));
    const key = parseKey(keyFile, keyPem);
    const publicKey = createPublicKey(key);
    const device = deviceIdOfPublicKey(publicKey.export({ type: 'spki', format: 'der' }));
    if (certPem !== undefined && carries(certPem, publicKey)) return { device, keyPem, certPem };
    const newCertPem = selfSignedCertificate(keyPem);
    await writeWhole(certFile, newCertPem, rename);
    return { device, keyPem, certPem: newCertPem };
  } catch (error) {
    if (error instanceof CompartidosError) throw error;
    const code = systemErrorCode(error);
    throw code === undefined ? error : unreadable(keyFile, code, error);
  }
}

/** Where the identity is kept. */
export function identityFolderOf(stateFolder: string): string {
  return join(stateFolder, 'identity');
}

async function readKey(file: string): Promise<string | undefined> {
  const keyPem = await readIfThere(file);
  if (keyPem === undefined) return undefined;
  const { mode } = await stat(file);
  // Windows has no such bits: there the user's profile keeps others out.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw unreadable(file, 'exposed');
  return keyPem;
}

async function makeKey(file: string, hadOne: boolean): Promise<string> {
  if (hadOne) throw unreadable(file, 'lost');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  try {
    const files = new NodeFileSystem();
    await writeWhole(file, keyPem, (from, to) => files.renameNew(from, to));
  } catch (error) {
    // The key that another start has made meanwhile is not replaced.
    const made = systemErrorCode(error) === 'EEXIST' ? await readKey(file) : undefined;
    if (made === undefined) throw error;
    return made;
  }
  return keyPem;
}

function parseKey(file: string, keyPem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch (error) {
    throw unreadable(file, 'damaged', error);
  }
  if (!isP256(createPublicKey(key))) throw unreadable(file, 'damaged');
  return key;
}

/**
 * Whether a public key is an ECDSA key on the curve P-256, in the one form whose hash is a device id: the curve by its
 * name, the point not compressed. In another form the same key would be another device.
 */
export function isP256(publicKey: KeyObject): boolean {
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  return P256_BEGINNING.equals(bytes.subarray(0, P256_BEGINNING.length));
}

/** A certificate that does not fit says nothing that the key could not say again. */
function carries(certPem: string, publicKey: KeyObject): boolean {
  try {
    return new X509Certificate(certPem).publicKey.equals(publicKey);
  } catch {
    return false;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file that is there whole, and for its owner only, or not at all. */
async function writeWhole(
  file: string,
  text: string,
  place: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(file));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unreadable(file: string, reason: string, cause?: unknown): CompartidosError {
  return new CompartidosError('IDENTITY_UNREADABLE', { file, reason }, { cause });
}
