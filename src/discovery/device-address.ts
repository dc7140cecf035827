import type { DeviceId } from '../model/device-id.ts';

/** Where a device is, or was, or is said to be. */
export interface DeviceAddress {
  readonly device: DeviceId;
  readonly host: string;
  readonly port: number;
}
