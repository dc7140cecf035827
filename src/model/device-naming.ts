import { formatDeviceId, type DeviceId } from './device-id.ts';

/**
 * Whether `text` is the name of a device, as a person writes it: case and spaces around it do not count. None is blank.
 */
export function isNamed(name: string, text: string): boolean {
  const wanted = fold(text);
  return wanted !== '' && fold(name) === wanted;
}

/**
 * Whether an id begins with `text`, with or without check characters. Case, dashes and spaces do not count; at least
 * `least` characters besides them are needed.
 */
export function idBeginsWith(device: DeviceId, text: string, least = 1): boolean {
  const beginning = text.toUpperCase().replace(/[-\s]/g, '');
  if (beginning.length < least) return false;
  return device.startsWith(beginning) || formatDeviceId(device).replaceAll('-', '').startsWith(beginning);
}

function fold(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}
