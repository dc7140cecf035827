import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, parse, join } from 'node:path';
import { Writable } from 'node:stream';

/**
 * A file that is put aside when it has grown to `maxSize` bytes: `agent.log` becomes `agent.1.log`, that one
 * `agent.2.log`, and the one beyond `files` goes. Writes are synchronous, so that the last lines before a crash are
 * there; what cannot be written is dropped.
 */
export class RotatingFile extends Writable {
  readonly #file: string;
  readonly #maxSize: number;
  readonly #files: number;
  #descriptor: number | undefined;
  #size = 0;

  constructor(file: string, maxSize: number, files: number) {
    super({ decodeStrings: true });
    this.#file = file;
    this.#maxSize = maxSize;
    this.#files = files;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    try {
      this.#append(chunk);
    } catch {
      this.#close();
    }
    done();
  }

  override _final(done: () => void): void {
    this.#close();
    done();
  }

  #append(chunk: Buffer): void {
    this.#descriptor ??= this.#open();
    if (this.#size > 0 && this.#size + chunk.length > this.#maxSize) {
      this.#close();
      this.#rotate();
      this.#descriptor = this.#open();
    }
    this.#size += writeSync(this.#descriptor, chunk);
  }

  #open(): number {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.#file, 'a', 0o600);
    this.#size = fstatSync(descriptor).size;
    return descriptor;
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  #rotate(): void {
    rmSync(this.#name(this.#files - 1), { force: true });
    for (let age = this.#files - 2; age >= 0; age -= 1) {
      try {
        renameSync(this.#name(age), this.#name(age + 1));
      } catch {
        // That old one is not there yet.
      }
    }
  }

  #name(age: number): string {
    const { dir, name, ext } = parse(this.#file);
    return join(dir, age === 0 ? name + ext : `${name}.${age}${ext}`);
  }
}
