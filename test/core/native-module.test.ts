import test from 'ava';
import { loadNative } from '../../src/core/native-module.ts';
import { CompartidosError } from '../../src/core/errors.ts';

const windows = { platform: 'win32', arch: 'arm64' };

async function paramsOf(code: string, system: { platform: string; arch: string }) {
  const failing = () => Promise.reject(Object.assign(new Error(code), { code }));
  const error: unknown = await loadNative(failing, system).catch((thrown: unknown) => thrown);
  return error instanceof CompartidosError ? error.params : undefined;
}

test('a module that is not there, or does not run, is told of with its system', async (t) => {
  t.deepEqual(await paramsOf('MODULE_NOT_FOUND', windows), { system: 'win32-arm64', reason: 'no-binary' });
  t.deepEqual(await paramsOf('ERR_DLOPEN_FAILED', windows), { system: 'win32-arm64', reason: 'no-runtime' });
  const linux = { platform: 'linux', arch: 'x64' };
  t.deepEqual(await paramsOf('ERR_DLOPEN_FAILED', linux), { system: 'linux-x64', reason: 'not-loadable' });
  t.is(await paramsOf('EACCES', linux), undefined);
  t.is(await loadNative(() => Promise.resolve(1)), 1);
});
