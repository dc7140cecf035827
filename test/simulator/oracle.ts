import { blake3 } from '../../src/core/blake3.ts';
import type { DiskNode } from './disk-node.ts';

/** Something that must never happen. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Knows every content that a user has ever written, and which of them have to be somewhere still. */
export class Oracle {
  readonly #known = new Map<string, string>();
  readonly #required = new Map<string, string>();
  readonly #rotted = new Map<string, readonly DiskNode[]>();

  /** A file is now so, by a user's hand; `what` says which for those who look for a loss. */
  written(node: DiskNode, what: string): void {
    if (node.type !== 'file' || node.data.length === 0) return;
    const key = keyOf(node.data);
    this.#known.set(key, what);
    this.#required.set(key, what);
  }

  /** A user has deleted or replaced this content himself, or it was lost by no fault of ours. */
  released(data: Uint8Array): void {
    if (data.length > 0) this.#required.delete(keyOf(data));
  }

  /** The disk has made this of a file. */
  torn(data: Uint8Array): void {
    if (data.length > 0) this.#known.set(keyOf(data), 'torn by a crash');
  }

  /** The disk has damaged a file that nobody has touched: no other may ever hold the same, unless damaged in the same way. */
  rotted(node: DiskNode): void {
    const key = keyOf(node.data);
    this.#rotted.set(key, [...(this.#rotted.get(key) ?? []), node]);
  }

  /** Whether `node` may hold what it does. */
  excuses(node: DiskNode): boolean {
    if (this.describe(node.data) !== undefined) return true;
    const rotted = this.#rotted.get(keyOf(node.data)) ?? [];
    return rotted.some((one) => one === node || one.isHandled);
  }

  /** What is known of a content, or undefined when nobody has ever written it. */
  describe(data: Uint8Array): string | undefined {
    return data.length === 0 ? 'empty' : this.#known.get(keyOf(data));
  }

  /** Contents that have to be somewhere and are not among `present`. */
  missing(present: Iterable<Uint8Array>): string[] {
    const missing = new Map(this.#required);
    for (const data of present) missing.delete(keyOf(data));
    return [...missing.values()];
  }
}

export function keyOf(data: Uint8Array): string {
  return Buffer.from(blake3(data)).toString('latin1');
}
