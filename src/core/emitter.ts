/** Maps each event to the tuple of its arguments. */
export type EventMap = Record<string, readonly unknown[]>;

type Listener<Arguments extends readonly unknown[]> = (...args: Arguments) => void;

const NOBODY: readonly Listener<never>[] = [];

/**
 * A typed event emitter. Unlike node:events it has no special `error` event, and `on` returns the function
 * that removes the listener. Listeners run in the order in which they were added, in the caller's turn.
 */
export class Emitter<Events extends EventMap> {
  /** Never changed, but replaced: an event that is told goes to those who were there. */
  readonly #listeners = new Map<keyof Events, readonly Listener<never>[]>();

  on<Event extends keyof Events>(event: Event, listener: Listener<Events[Event]>): () => void {
    const others = () => this.#of(event).filter((one) => one !== listener);
    this.#listeners.set(event, [...others(), listener]);
    return () => this.#listeners.set(event, others());
  }

  once<Event extends keyof Events>(event: Event, listener: Listener<Events[Event]>): () => void {
    const remove = this.on(event, (...args) => {
      remove();
      listener(...args);
    });
    return remove;
  }

  emit<Event extends keyof Events>(event: Event, ...args: Events[Event]): void {
    for (const listener of this.#of(event)) (listener as unknown as Listener<Events[Event]>)(...args);
  }

  /** Whether anybody listens to `event`. */
  has(event: keyof Events): boolean {
    return this.#of(event).length > 0;
  }

  removeAllListeners(): void {
    this.#listeners.clear();
  }

  #of(event: keyof Events): readonly Listener<never>[] {
    return this.#listeners.get(event) ?? NOBODY;
  }
}
