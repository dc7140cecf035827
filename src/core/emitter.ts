/** Maps each event to the tuple of its arguments. */
export type EventMap = Record<string, readonly unknown[]>;

type Listener<Arguments extends readonly unknown[]> = (...args: Arguments) => void;

/**
 * A typed event emitter. Unlike node:events it has no special `error` event, and `on` returns the function
 * that removes the listener. Listeners run in the order in which they were added, in the caller's turn.
 */
export class Emitter<Events extends EventMap> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Event extends keyof Events>(event: Event, listener: Listener<Events[Event]>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  once<Event extends keyof Events>(event: Event, listener: Listener<Events[Event]>): () => void {
    const remove = this.on(event, (...args) => {
      remove();
      listener(...args);
    });
    return remove;
  }

  emit<Event extends keyof Events>(event: Event, ...args: Events[Event]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      (listener as unknown as Listener<Events[Event]>)(...args);
    }
  }

  /** Whether anybody listens to `event`. */
  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  removeAllListeners(): void {
    this.#listeners.clear();
  }
}
