import type { Startable } from '../core/lifecycle.ts';

/** Parts that are started in their order and stopped in reverse; one that fails to start stops those before it. */
export class StartInOrder implements Startable {
  readonly #parts: readonly Startable[];
  #started: Startable[] = [];

  constructor(parts: readonly Startable[]) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#started.length > 0) return;
    try {
      for (const part of this.#parts) {
        this.#started.push(part);
        await part.start();
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Every part is stopped, even if others fail to; the first failure is thrown at the end. */
  async stop(): Promise<void> {
    const started = this.#started.reverse();
    this.#started = [];
    const failures: unknown[] = [];
    for (const part of started) await part.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
