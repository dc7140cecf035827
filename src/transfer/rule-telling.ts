import type { RuleSettings } from '../config/settings.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Rule } from '../sync/rule.ts';
import { syncKey } from '../sync/sync-key.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import { MAX_SYNC_RULES } from '../wire/limits.ts';
import { hashKey } from './hash-key.ts';

export interface RuleTellingParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly rules: readonly RuleSettings[];
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
  #own: readonly Uint8Array[];
  readonly #told = new Map<DeviceId, ReadonlySet<string>>();
  /** Devices of which it was said a moment ago, and whether they have changed since. */
  readonly #resting = new Map<DeviceId, { readonly timer: Timer; hasChanged: boolean }>();
  #removers: (() => void)[] = [];

  constructor({ network, clock, rules }: RuleTellingParts) {
    this.#network = network;
    this.#clock = clock;
    this.#own = keysOf(rules);
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events } = this.#network;
    this.#removers = [
      events.on('connected', (session) => this.#met(session)),
      events.on('message', ({ device }, message) => {
        if (message.type === 'sync-rules') this.#hear(device, new Set(message.rules.map(hashKey)));
      }),
    ];
    for (const session of this.#network.sessions()) this.#met(session);
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    for (const { timer } of this.#resting.values()) timer.cancel();
    this.#resting.clear();
  }

  /** Takes up changed rules. */
  configure(rules: readonly RuleSettings[]): void {
    this.#own = keysOf(rules);
    if (this.#removers.length > 0) for (const session of this.#network.sessions()) this.#met(session);
  }

  /** Whether `device` has told that it syncs by the same rule. */
  syncs(device: DeviceId, { syncKey: key }: Pick<Rule, 'syncKey'>): boolean {
    const told = this.#told.get(device);
    return told !== undefined && key !== undefined && told.has(hashKey(key));
  }

  #met(session: PeerSession): void {
    session.send({ type: 'sync-rules', rules: this.#own });
  }

  #hear(device: DeviceId, rules: ReadonlySet<string>): void {
    const before = this.#told.get(device) ?? new Set();
    this.#told.delete(device);
    this.#told.set(device, rules);
    if (this.#told.size > MAX_DEVICES) this.#forgetOne();
    const isSame = before.size === rules.size && [...rules].every((rule) => before.has(rule));
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

function keysOf(rules: readonly RuleSettings[]): Uint8Array[] {
  const keys = new Map<string, Uint8Array>();
  for (const rule of rules) {
    const key = syncKey(rule);
    if (key) keys.set(hashKey(key), key);
  }
  return [...keys.values()].slice(0, MAX_SYNC_RULES);
}
