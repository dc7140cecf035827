import { CompartidosError, systemErrorCode } from './errors.ts';

/**
 * Loads a module that is partly machine code.
 * @throws NATIVE_UNUSABLE with the `system`, and the `reason`: `no-binary`, `no-runtime` (most often what it needs itself is
 * missing, as on a new Windows), `not-loadable`
 */
export async function loadNative<Module>(
  load: () => Promise<Module>,
  { platform, arch }: { readonly platform: string; readonly arch: string } = process,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const reason = reasonOf(systemErrorCode(error), platform);
    if (reason === undefined) throw error;
    throw new CompartidosError(
      'NATIVE_UNUSABLE',
      { system: `${platform}-${arch}`, reason },
      { cause: error },
    );
  }
}

function reasonOf(code: string | undefined, platform: string): string | undefined {
  if (code === 'MODULE_NOT_FOUND') return 'no-binary';
  if (code !== 'ERR_DLOPEN_FAILED') return undefined;
  return platform === 'win32' ? 'no-runtime' : 'not-loadable';
}
