import type { AgentApi } from '../../src/agent-api.ts';
import { isCompartidosError } from '../../src/core/errors.ts';
import { Violation } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedDevice } from './simulated-device.ts';

export interface PersonParts {
  readonly device: SimulatedDevice;
  readonly random: SeededRandom;
  /** What a person may ask for. */
  readonly selectors: readonly string[];
  readonly trace: (what: string) => void;
  readonly onViolation: (violation: Violation) => void;
}

type Act = (api: AgentApi) => Promise<unknown>;

/** Somebody who asks the agent of a device for things, as at the prompt, whatever it is just about. */
export class SimulatedPerson {
  readonly #parts: PersonParts;
  /** Whether something was given up that rules would not ask for again. */
  hasCancelled = false;

  constructor(parts: PersonParts) {
    this.#parts = parts;
  }

  /** Asks for one thing. */
  act(): void {
    const { random, device } = this.#parts;
    const acts: readonly Act[] = [
      (api) => this.#restore(api),
      (api) => this.#restore(api),
      (api) => this.#resolve(api),
      (api) => this.#resolve(api),
      (api) => this.#get(api),
      (api) => this.#get(api),
      (api) => this.#pause(api),
      (api) => this.#resume(api),
      (api) => this.#cancel(api),
      (api) => this.#check(api),
      (api) => api.testRules(),
    ];
    const act = random.pick(acts);
    if (device.api) void act(device.api).catch((error: unknown) => this.#hear(error));
  }

  /** Lets everything go on that was held up. */
  async letGo(): Promise<void> {
    await this.#parts.device.api?.resume([]);
  }

  /** Gives up what nobody has any more. */
  async giveUp(): Promise<void> {
    const { api } = this.#parts.device;
    const open = (await api?.queue())?.filter(
      ({ reason, state }) => reason === 'person' && (state === 'queued' || state === 'paused'),
    );
    if (open && open.length > 0) await api!.cancel(open.map(({ id }) => id));
  }

  async #restore(api: AgentApi): Promise<void> {
    const items = await api.trash();
    if (items.length === 0) return;
    const { id, path } = this.#parts.random.pick(items);
    this.#parts.trace(`restores ${path}`);
    this.#parts.trace(`has restored ${await api.restore(id)}`);
  }

  async #resolve(api: AgentApi): Promise<void> {
    const { random, trace } = this.#parts;
    const conflicts = await api.conflicts();
    if (conflicts.length === 0) return;
    const { path, copy } = random.pick(conflicts);
    const [named, keep] = [random.pick([path, copy]), random.pick(['ours', 'theirs'] as const)];
    trace(`resolves ${named} with ${keep}`);
    await api.resolve(named, keep);
  }

  async #get(api: AgentApi): Promise<void> {
    const { random, selectors, trace } = this.#parts;
    const path = random.pick(selectors);
    const from = random.chance(0.5) ? { from: `device${random.below(3)}` } : {};
    trace(`gets ${path} ${JSON.stringify(from)}`);
    const views = await api.get([{ path }], from);
    trace(`is to have ${views.map(({ target }) => target).join(', ')}`);
  }

  async #pause(api: AgentApi): Promise<void> {
    this.#parts.trace('pauses');
    await api.pause(await this.#someDownload(api));
  }

  async #resume(api: AgentApi): Promise<void> {
    this.#parts.trace('resumes');
    await api.resume(await this.#someDownload(api));
  }

  async #cancel(api: AgentApi): Promise<void> {
    this.#parts.trace('cancels');
    this.hasCancelled = true;
    await api.cancel(await this.#someDownload(api));
  }

  async #check(api: AgentApi): Promise<void> {
    this.#parts.trace('checks');
    await api.check();
  }

  /** The id of one, or none, which means all. */
  async #someDownload(api: AgentApi): Promise<string[]> {
    const { random } = this.#parts;
    const all = await api.queue();
    return all.length === 0 || random.chance(0.3) ? [] : [random.pick(all).id];
  }

  /** Whatever a person is told has words. */
  #hear(error: unknown): void {
    const { trace, onViolation, device } = this.#parts;
    if (isCompartidosError(error)) trace(`is told ${error.code}`);
    else onViolation(new Violation(`a person at ${device.name} is told ${describe(error)}`));
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
