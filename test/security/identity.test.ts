import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import test from 'ava';
import { isCompartidosError } from '../../src/core/errors.ts';
import { isSentence } from '../../src/language/translate.ts';
import { deviceIdOfPublicKey } from '../../src/model/device-id.ts';
import { loadIdentity } from '../../src/security/identity.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keyOf = (state: string) => join(state, 'identity', 'key.pem');
const certificateOf = (state: string) => join(state, 'identity', 'certificate.pem');

async function reasonOf(loading: Promise<unknown>): Promise<unknown> {
  try {
    await loading;
  } catch (error) {
    if (!isCompartidosError(error, 'IDENTITY_UNREADABLE')) return error;
    const reason = String(error.params['reason']);
    // A person is told in words.
    return isSentence(`reason.${reason}`) ? reason : `${reason} without words`;
  }
  return undefined;
}

test('the first start makes an identity that every later start finds again', async (t) => {
  const state = join(await temporaryFolder(t), 'state');
  const first = await loadIdentity(state);
  t.deepEqual(await loadIdentity(state), first);
  const publicKey = createPublicKey(createPrivateKey(first.keyPem));
  t.is(first.device, deviceIdOfPublicKey(publicKey.export({ type: 'spki', format: 'der' })));
  const certificate = new X509Certificate(first.certPem);
  t.true(certificate.verify(publicKey));
  t.true(certificate.checkPrivateKey(createPrivateKey(first.keyPem)));
  t.is(certificate.validTo, 'Dec 31 23:59:59 9999 GMT');
});

test('nobody else may read the key, and nothing else is left behind', async (t) => {
  const state = await temporaryFolder(t);
  await loadIdentity(state);
  t.is((await stat(keyOf(state))).mode & 0o777, 0o600);
  t.is((await stat(join(state, 'identity'))).mode & 0o777, 0o700);
  t.deepEqual((await readdir(join(state, 'identity'))).sort(), ['certificate.pem', 'key.pem']);
});

test('two devices differ', async (t) => {
  const [a, b] = await Promise.all([
    loadIdentity(await temporaryFolder(t)),
    loadIdentity(await temporaryFolder(t)),
  ]);
  t.not(a.device, b.device);
});

test('a damaged key is refused and left as it is', async (t) => {
  const state = await temporaryFolder(t);
  await loadIdentity(state);
  for (const size of [60, 0]) {
    await truncate(keyOf(state), size);
    t.is(await reasonOf(loadIdentity(state)), 'damaged');
    t.is((await stat(keyOf(state))).size, size);
  }
});

test('where the system does not give the key, its code says why, and no other is made', async (t) => {
  const state = await temporaryFolder(t);
  await mkdir(keyOf(state), { recursive: true });
  t.is(await reasonOf(loadIdentity(state)), 'EISDIR');
  t.deepEqual(await readdir(join(state, 'identity')), ['key.pem']);
  const occupied = join(await temporaryFolder(t), 'state');
  await writeFile(occupied, '');
  t.is(await reasonOf(loadIdentity(occupied)), 'ENOTDIR');
});

test('a key of another kind is refused', async (t) => {
  const state = await temporaryFolder(t);
  await loadIdentity(state);
  for (const curve of ['P-384', 'secp256k1']) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
    await writeFile(keyOf(state), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    t.is(await reasonOf(loadIdentity(state)), 'damaged');
  }
});

test('a key that others may read is refused', async (t) => {
  const state = await temporaryFolder(t);
  await loadIdentity(state);
  for (const mode of [0o644, 0o640, 0o604, 0o620]) {
    await chmod(keyOf(state), mode);
    t.is(await reasonOf(loadIdentity(state)), 'exposed');
  }
  await chmod(keyOf(state), 0o400);
  await t.notThrowsAsync(loadIdentity(state));
});

test('a key that is gone is not made anew while its certificate is there', async (t) => {
  const state = await temporaryFolder(t);
  await loadIdentity(state);
  await rm(keyOf(state));
  t.is(await reasonOf(loadIdentity(state)), 'lost');
});

test('a certificate that is damaged, gone or of another key is made anew for the same device', async (t) => {
  const state = await temporaryFolder(t);
  const { device } = await loadIdentity(state);
  const other = await loadIdentity(await temporaryFolder(t));
  for (const content of ['', 'garbage', other.certPem, undefined]) {
    if (content === undefined) await rm(certificateOf(state));
    else await writeFile(certificateOf(state), content);
    const again = await loadIdentity(state);
    t.is(again.device, device);
    t.true(new X509Certificate(again.certPem).checkPrivateKey(createPrivateKey(again.keyPem)));
    t.is(await readFile(certificateOf(state), 'utf8'), again.certPem);
  }
});

test('many starts at once agree on one identity', async (t) => {
  const state = await temporaryFolder(t);
  const identities = await Promise.all(Array.from({ length: 8 }, () => loadIdentity(state)));
  const { device, keyPem } = await loadIdentity(state);
  for (const identity of identities) {
    t.is(identity.device, device);
    t.is(identity.keyPem, keyPem);
  }
  t.deepEqual((await readdir(join(state, 'identity'))).sort(), ['certificate.pem', 'key.pem']);
});
