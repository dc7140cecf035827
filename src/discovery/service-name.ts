import { parseDeviceId, type DeviceId } from '../model/device-id.ts';

/** The service type (RFC 6763 section 7) without its protocol, as bonjour-service takes it. */
export const SERVICE_TYPE = 'compartidos';

/** The name under which the service is browsed, in lower case. */
export const SERVICE_NAME = `_${SERVICE_TYPE}._tcp.local`;

/** The name under which all service types are enumerated (RFC 6763 section 9). */
export const ENUMERATION_NAME = '_services._dns-sd._udp.local';

/** The instance of `device`, in lower case: the id is its label. */
export function instanceName(device: DeviceId): string {
  return `${device.toLowerCase()}.${SERVICE_NAME}`;
}

/** The name of the host that `device` runs on, as far as we are concerned: no two agents share it. */
export function hostName(device: DeviceId): string {
  return `${device}.local`;
}

/** The device whose instance is called `name` (any case); undefined when it is not an instance of our service. */
export function deviceOfInstance(name: string): DeviceId | undefined {
  const at = name.indexOf('.');
  if (at !== 52 || name.slice(at + 1).toLowerCase() !== SERVICE_NAME) return undefined;
  return deviceOf(name.slice(0, at));
}

/** The device id that `text` is, 52 characters of any case and nothing else. */
export function deviceOf(text: string): DeviceId | undefined {
  if (!/^[A-Za-z2-7]{52}$/.test(text)) return undefined;
  try {
    return parseDeviceId(text);
  } catch {
    return undefined;
  }
}
