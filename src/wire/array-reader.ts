import { pathProblem, type RelativePath } from '../model/relative-path.ts';
import { invalidMessage, Reason } from './invalid.ts';

/** Bounds of a length, both included. */
export interface LengthBounds {
  readonly least: number;
  readonly most: number;
}

// A byte order mark at the beginning of a name is part of the name.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Takes the elements of a positional array one by one, each checked. Elements that nobody takes are ignored: a later
 * version may have added them. All methods throw MESSAGE_INVALID, naming the field, what was expected and what came.
 */
export class ArrayReader {
  readonly #elements: readonly unknown[];
  readonly #name: string;
  #next = 0;

  constructor(name: string, value: unknown) {
    if (!Array.isArray(value)) throw invalidMessage(name, 'an array', value);
    this.#elements = value;
    this.#name = name;
  }

  /** A safe integer from `least` to `most`. */
  integer(field: string, least: number, most: number): number {
    const value = this.#take();
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw this.#invalid(field, `an integer from ${least} to ${most}`, value);
    }
    return value;
  }

  /** The same, or undefined when nothing follows: an element that a later version has added. */
  optionalInteger(field: string, least: number, most: number): number | undefined {
    return this.#next < this.#elements.length ? this.integer(field, least, most) : undefined;
  }

  /** Bytes, as a view of the body. */
  bytes(field: string, bounds: LengthBounds): Uint8Array {
    const value = this.#take();
    if (!(value instanceof Uint8Array) || value.length < bounds.least || value.length > bounds.most) {
      throw this.#invalid(field, `${bounds.least} to ${bounds.most} bytes`, value);
    }
    return value;
  }

  /** Bytes, or undefined for nil. */
  optionalBytes(field: string, bounds: LengthBounds): Uint8Array | undefined {
    if (this.#elements[this.#next] === null) {
      this.#next += 1;
      return undefined;
    }
    return this.bytes(field, bounds);
  }

  /** Well-formed UTF-8; the bounds count its bytes. */
  text(field: string, bounds: LengthBounds): string {
    const bytes = this.bytes(field, bounds);
    if (bytes.length === 0) return '';
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.#invalid(field, 'UTF-8', bytes);
    }
  }

  /** Text that matches `form` as a whole. */
  formedText(field: string, bounds: LengthBounds, form: RegExp): string {
    const text = this.text(field, bounds);
    if (!form.test(text))
      throw this.#invalid(field, `text of the form ${form.source}`, new Reason('other text'));
    return text;
  }

  path(field: string, maxBytes: number): RelativePath {
    const text = this.text(field, { least: 1, most: maxBytes });
    const problem = pathProblem(text);
    if (problem) throw this.#invalid(field, 'a relative path', new Reason(`one that is ${problem}`));
    return text as RelativePath;
  }

  array(field: string, most: number): readonly unknown[] {
    const value = this.#take();
    if (!Array.isArray(value) || value.length > most) {
      throw this.#invalid(field, `an array of at most ${most}`, value);
    }
    return value;
  }

  /** The element of `choices` whose position is sent. */
  choice<Choice>(field: string, choices: readonly Choice[]): Choice {
    return choices[this.integer(field, 0, choices.length - 1)]!;
  }

  #take(): unknown {
    const value = this.#elements[this.#next];
    this.#next += 1;
    return value;
  }

  #invalid(field: string, expected: string, got: unknown) {
    return invalidMessage(`${this.#name}.${field}`, expected, got);
  }
}
