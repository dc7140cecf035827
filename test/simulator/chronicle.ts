import type { LogFields, Logger } from '../../src/core/logger.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import type { SimulatedDevice } from './simulated-device.ts';

/** Tells what happens in a world, a line each, to whoever wants to know. */
export class Chronicle {
  readonly #time: SimulatedTime;
  readonly #tell: ((line: string) => void) | undefined;

  constructor(time: SimulatedTime, tell: ((line: string) => void) | undefined) {
    this.#time = time;
    this.#tell = tell;
  }

  say(who: string, what: string): void {
    this.#tell?.(`${(this.#time.now / 1000).toFixed(3).padStart(8)} ${who}: ${what}`);
  }

  /** What `who` logs; `heard` is called with all of it. */
  loggerOf(who: string, heard: (event: string, fields: LogFields) => void): Logger {
    const log = (event: string, fields: LogFields = {}) => {
      if (this.#tell) this.say(who, `${event} ${JSON.stringify(fields)}`);
      heard(event, fields);
    };
    return { debug: log, info: log, warn: log, error: log };
  }

  /** What each device knows. */
  sayState(devices: readonly SimulatedDevice[]): void {
    if (!this.#tell) return;
    const nameOf = (device: DeviceId) => devices.find(({ id }) => id === device)?.name ?? device;
    for (const { name, index, downloads, catalogue } of devices) {
      for (const { device, entry } of catalogue?.entries() ?? []) {
        this.say(name, `hears from ${nameOf(device)}: ${describeEntry(entry, nameOf)}`);
      }
      for (const entry of index?.after(0, 1e9) ?? []) this.say(name, describeEntry(entry, nameOf));
      for (const { path, target, state, error } of downloads?.list() ?? []) {
        if (state !== 'done')
          this.say(name, `download of ${path} to ${target}: ${state} ${error?.code ?? ''}`);
      }
    }
  }
}

function describeEntry(
  { path, type, deleted, size, hash, mtimeUs, version }: FileEntry,
  nameOf: (device: DeviceId) => string,
): string {
  const content = deleted
    ? 'deleted'
    : `${type} of ${size} bytes ${Buffer.from(hash ?? []).toString('hex', 0, 4)} ${mtimeUs}`;
  return `${path}: ${content} {${version.map(({ device, value }) => `${nameOf(device)} ${value}`).join(', ')}}`;
}
