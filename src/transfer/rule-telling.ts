import type { RuleSettings } from '../config/settings.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Rule } from '../sync/rule.ts';
import { syncKey } from '../sync/sync-key.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import { MAX_SYNC_RULES } from '../wire/limits.ts';
import { hashKey } from './hash-key.ts';

export type RuleTellingEvents = {
  /** Another device has other sync rules than it had. */
  changed: [device: DeviceId];
};

/** Devices of which it is remembered what they told; whoever told longest ago is forgotten first. */
const MAX_DEVICES = 1024;

/**
 * Tells others by which rules we sync, and knows by which they do: what somebody deletes who does not sync it is no
 * deletion for those who do. What a device has told holds while it is away; with a new run it is told again.
 */
export class RuleTelling implements Startable {
  readonly events = new Emitter<RuleTellingEvents>();
  readonly #network: Network;
  #own: readonly Uint8Array[];
  readonly #told = new Map<DeviceId, ReadonlySet<string>>();
  #removers: (() => void)[] = [];

  constructor(network: Network, rules: readonly RuleSettings[]) {
    this.#network = network;
    this.#own = keysOf(rules);
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { events } = this.#network;
    this.#removers = [
      events.on('connected', (session) => this.#tell(session)),
      events.on('message', ({ device }, message) => {
        if (message.type === 'sync-rules') this.#hear(device, new Set(message.rules.map(hashKey)));
      }),
    ];
    for (const session of this.#network.sessions()) this.#tell(session);
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    this.#told.clear();
  }

  /** Takes up changed rules. */
  configure(rules: readonly RuleSettings[]): void {
    this.#own = keysOf(rules);
    if (this.#removers.length > 0) for (const session of this.#network.sessions()) this.#tell(session);
  }

  /** Whether `device` has told that it syncs by the same rule. */
  syncs(device: DeviceId, { syncKey: key }: Pick<Rule, 'syncKey'>): boolean {
    const told = this.#told.get(device);
    return told !== undefined && key !== undefined && told.has(hashKey(key));
  }

  #tell(session: PeerSession): void {
    if (session.features.has('sync-rules')) session.send({ type: 'sync-rules', rules: this.#own });
  }

  #hear(device: DeviceId, rules: ReadonlySet<string>): void {
    const before = this.#told.get(device) ?? new Set();
    this.#told.delete(device);
    this.#told.set(device, rules);
    if (this.#told.size > MAX_DEVICES) this.#told.delete(this.#told.keys().next().value!);
    const isSame = before.size === rules.size && [...rules].every((rule) => before.has(rule));
    if (!isSame) this.events.emit('changed', device);
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
