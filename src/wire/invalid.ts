import { CompartidosError } from '../core/errors.ts';

/** A body that does not say what its message must say; `field` is dotted, `got` never holds the peer's own bytes. */
export function invalidMessage(field: string, expected: string, got: unknown): CompartidosError {
  return new CompartidosError('MESSAGE_INVALID', { field, expected, got: describe(got) });
}

/** Bytes that are no frame. */
export function invalidFrame(expected: string, got: string): CompartidosError {
  return new CompartidosError('FRAME_INVALID', { expected, got });
}

function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return 'nil';
  if (value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Reason) return value.text;
  return `a ${typeof value}`;
}

/** A description of what was got, for `invalidMessage`. */
export class Reason {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
