import type { DeviceId } from '../model/device-id.ts';

/**
 * Somewhere a peer may be. Nothing about it is proven: the handshake shows which device answers there, if any.
 */
export interface Candidate {
  /** The device that is said to be there; undefined when only the address is known. */
  readonly device?: DeviceId;
  /** IP address; a link-local IPv6 address carries its zone (`fe80::1%eth0`). */
  readonly host: string;
  /** 1…65535. */
  readonly port: number;
  readonly origin: 'mdns' | 'static' | 'remembered' | 'told';
}

/** Where a device is, or was, or is said to be. */
export interface DeviceAddress {
  readonly device: DeviceId;
  readonly host: string;
  readonly port: number;
}
