import { networkInterfaces } from 'node:os';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { isPresent } from './address.ts';

/** A twin that has not called for so long has gone, or is none any more: it calls once a minute. ms. */
const FORGET_MS = 180_000;

export interface TwinWatchParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The folder with the key, for the person who has to act. */
  readonly identityFolder: string;
  /** IP addresses that this machine has; the system is asked by default. */
  readonly ownAddresses?: () => readonly string[];
}

/**
 * Watches for another computer that can prove to be this device: its state was copied from here, or with an image of a
 * disk. Twins do not see each other, and everybody else sees only one of them at a time, so a person has to be told.
 */
export class TwinWatch {
  readonly #parts: TwinWatchParts;
  readonly #ownAddresses: () => readonly string[];
  #last: { readonly address: string; readonly at: number } | undefined;

  constructor(parts: TwinWatchParts) {
    this.#parts = parts;
    this.#ownAddresses = parts.ownAddresses ?? systemAddresses;
  }

  /** Somebody has called from `address` and has proved to be this device. */
  called(address: string): void {
    // This machine reaches itself by each address that it has.
    if (isPresent(address, this.#ownAddresses())) return;
    const isNew = this.#address === undefined;
    this.#last = { address, at: this.#parts.clock.monotonic() };
    if (isNew) this.#parts.logger.warn('identity.twin', this.#fields(address));
  }

  /** What to tell as long as there is a twin. */
  get problems(): readonly { readonly event: string; readonly fields: Readonly<Record<string, string>> }[] {
    const address = this.#address;
    return address === undefined ? [] : [{ event: 'identity.twin', fields: this.#fields(address) }];
  }

  get #address(): string | undefined {
    const isRecent = this.#last && this.#parts.clock.monotonic() - this.#last.at < FORGET_MS;
    return isRecent ? this.#last?.address : undefined;
  }

  #fields(address: string): Readonly<Record<string, string>> {
    return { address, folder: this.#parts.identityFolder };
  }
}

function systemAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
}
