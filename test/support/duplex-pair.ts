import { Duplex } from 'node:stream';

/** Two ends of a stream of bytes: what is written at one is read at the other. */
export function duplexPair(): [Duplex, Duplex] {
  const a: End = new End(() => b);
  const b: End = new End(() => a);
  return [a, b];
}

class End extends Duplex {
  readonly #other: () => End;
  #goOn: (() => void) | undefined;

  constructor(other: () => End) {
    super({ allowHalfOpen: false });
    this.#other = other;
  }

  override _read(): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const other = this.#other();
    if (other.destroyed) return done();
    if (other.push(chunk)) done();
    else other.#goOn = done;
  }

  override _final(done: () => void): void {
    this.#other().push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other();
    if (!other.destroyed && !other.readableEnded) queueMicrotask(() => other.push(null));
    this._read();
    done(error);
  }
}
