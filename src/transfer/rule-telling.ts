import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Rule } from '../sync/rule.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import { hashKey } from './hash-key.ts';
import type { OwnSyncRules } from './own-sync-rules.ts';

export interface RuleTellingParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly own: Pick<OwnSyncRules, 'events' | 'told'>;
}

export type RuleTellingEvents = {
  /** Another device has other sync rules than it had. Of one that changes them again and again it comes now and then. */
  changed: [device: DeviceId];
};

/** Devices of which it is remembered what they told; of those that are away whoever told longest ago is forgotten first. */
const MAX_DEVICES = 1024;
/** ms between two times that it is said of one device that its rules have changed: all its deletions are looked at then. */
export const REST_MS = 10_000;

/**
 * Tells others by which rules we sync, and knows by which they do: what somebody deletes who does not sync it is no
 * deletion for those who do. What a device has told holds while it is away; in each session it is told anew.
 */
export class RuleTelling implements Startable {
  readonly events = new Emitter<RuleTellingEvents>();
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #own: RuleTellingParts['own'];
  /** By device and key: from which sequence on its deletions count. */
  readonly #told = new Map<DeviceId, ReadonlyMap<string, number>>();
  /** Devices of which it was said a moment ago, and whether they have changed since. */
  readonly #resting = new Map<DeviceId, { readonly timer: Timer; hasChanged: boolean }>();
  #removers: (() => void)[] = [];

  constructor({ network, clock, own }: RuleTellingParts) {
    this.#network = network;
    this.#clock = clock;
    this.#own = own;
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events } = this.#network;
    this.#removers = [
      events.on('connected', (session) => this.#met(session)),
      events.on('message', ({ device }, message) => {
        if (message.type !== 'sync-rules') return;
        this.#hear(device, new Map(message.rules.map(({ key, since }) => [hashKey(key), since])));
      }),
      this.#own.events.on('changed', () => this.#network.sessions().forEach((session) => this.#met(session))),
    ];
    for (const session of this.#network.sessions()) this.#met(session);
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    for (const { timer } of this.#resting.values()) timer.cancel();
    this.#resting.clear();
  }

  /** Whether `device` has told that it syncs by the same rule, and did when it announced a change as `sequence`. */
  syncs(device: DeviceId, { syncKey: key }: Pick<Rule, 'syncKey'>, sequence: number): boolean {
    const since = key && this.#told.get(device)?.get(hashKey(key));
    return since !== undefined && sequence > since;
  }

  #met(session: PeerSession): void {
    session.send({ type: 'sync-rules', rules: this.#own.told() });
  }

  #hear(device: DeviceId, rules: ReadonlyMap<string, number>): void {
    const before = this.#told.get(device) ?? new Map<string, number>();
    this.#told.delete(device);
    this.#told.set(device, rules);
    if (this.#told.size > MAX_DEVICES) this.#forgetOne();
    const isSame =
      before.size === rules.size && [...rules].every(([key, since]) => before.get(key) === since);
    if (!isSame) this.#changed(device);
  }

  #forgetOne(): void {
    for (const device of this.#told.keys()) {
      if (this.#network.session(device)) continue;
      this.#told.delete(device);
      return;
    }
  }

  #changed(device: DeviceId): void {
    const resting = this.#resting.get(device);
    if (resting) {
      resting.hasChanged = true;
      return;
    }
    const timer = this.#clock.after(REST_MS, () => {
      const { hasChanged } = this.#resting.get(device)!;
      this.#resting.delete(device);
      if (hasChanged) this.#changed(device);
    });
    this.#resting.set(device, { timer, hasChanged: false });
    this.events.emit('changed', device);
  }
}
