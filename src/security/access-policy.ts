import type { DeviceId } from '../model/device-id.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Who asks: a verified device, or somebody in clear text, known by address only. */
export type Caller =
  | { readonly kind: 'native'; readonly device: DeviceId; readonly address: string }
  | { readonly kind: 'classic'; readonly address: string };

/** What is asked for. */
export type Action =
  | { readonly type: 'connect' }
  | { readonly type: 'list'; readonly path: RelativePath }
  | { readonly type: 'read'; readonly path: RelativePath };

/**
 * The one place where it is decided who may do what. Asked for every connection and every request, native and
 * classic; nothing is served around it.
 */
export interface AccessPolicy {
  allows(caller: Caller, action: Action): boolean;
}

/** `access: open`: whoever is on the network may list and read; nobody can write, since no request does. */
export const openAccess: AccessPolicy = { allows: () => true };
