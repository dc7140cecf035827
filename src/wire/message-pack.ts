import { DecodeError, Decoder, Encoder } from '@msgpack/msgpack';
import { CompartidosError } from '../core/errors.ts';
import { invalidMessage, Reason } from './invalid.ts';
import { MAX_DEPTH, MAX_VALUES } from './limits.ts';

/** What a body is made of: MessagePack without maps, floats and extensions. Text arrives as its UTF-8 bytes. */
export type WireValue = null | boolean | number | string | Uint8Array | readonly WireValue[];

/** An encoder keeps the buffer of its largest message; one that grew past this is dropped. Bytes. */
const ENCODER_KEPT_BYTES = 64 * 1024;

const decoder = new Decoder({ rawStrings: true, keyDecoder: null });
let encoder = new Encoder({ maxDepth: MAX_DEPTH + 1 });

/** The MessagePack form of `value`. */
export function packValue(value: WireValue): Uint8Array {
  const packed = encoder.encode(value);
  if (packed.length > ENCODER_KEPT_BYTES) encoder = new Encoder({ maxDepth: MAX_DEPTH + 1 });
  return packed;
}

/**
 * The one value that `body` holds. Byte strings are views of `body`.
 * @throws MESSAGE_INVALID
 */
export function unpackValue(body: Uint8Array): unknown {
  checkStructure(body);
  try {
    return decoder.decode(body);
  } catch (error) {
    if (error instanceof CompartidosError) throw error;
    const reason = error instanceof DecodeError || error instanceof RangeError ? error.message : 'an error';
    throw invalidMessage('body', 'MessagePack', new Reason(reason));
  }
}

/**
 * Walks over the headers without building anything. The decoder allocates an array as soon as it has read how long
 * it says it is: a few bytes could make it take gigabytes, so nothing reaches it whose values are not all there.
 */
function checkStructure(body: Uint8Array): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const open: number[] = [];
  let left = 1;
  let values = 0;
  let at = 0;
  for (;;) {
    while (left === 0) {
      const outer = open.pop();
      if (outer === undefined) {
        if (at !== body.length) throw malformed('one value', `${body.length - at} bytes after it`);
        return;
      }
      left = outer;
    }
    left -= 1;
    values += 1;
    if (values > MAX_VALUES) throw malformed(`at most ${MAX_VALUES} values`, 'more');
    const head = body[at];
    if (head === undefined) throw malformed('a value', 'the end');
    const form = FORMS[head];
    if (!form) throw malformed('no maps, floats or extensions', `0x${head.toString(16)}`);
    const { lengthBytes, fixed, kind } = form;
    at += 1;
    if (at + lengthBytes > body.length) throw malformed('a value', 'the end');
    const length = fixed + readLength(view, at, lengthBytes);
    at += lengthBytes;
    if (length > body.length - at) throw malformed(`${length} more bytes`, `${body.length - at}`);
    if (kind === 'array') {
      if (open.length + 1 > MAX_DEPTH) throw malformed(`at most ${MAX_DEPTH} arrays deep`, 'more');
      open.push(left);
      left = length;
    } else {
      at += length;
    }
  }
}

function readLength(view: DataView, at: number, lengthBytes: number): number {
  if (lengthBytes === 0) return 0;
  if (lengthBytes === 1) return view.getUint8(at);
  return lengthBytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

interface Form {
  /** An array has as many values as its length says, a scalar as many bytes. */
  readonly kind: 'array' | 'scalar';
  /** Bytes of the length that follows the head. */
  readonly lengthBytes: 0 | 1 | 2 | 4;
  /** The length that the head itself says. */
  readonly fixed: number;
}

/** What each head byte of the MessagePack specification announces; undefined where it is not allowed here. */
const FORMS: readonly (Form | undefined)[] = Array.from({ length: 256 }, (_, head) => {
  const scalar = (fixed: number, lengthBytes: 0 | 1 | 2 | 4 = 0): Form => ({
    kind: 'scalar',
    lengthBytes,
    fixed,
  });
  const array = (fixed: number, lengthBytes: 0 | 2 | 4): Form => ({ kind: 'array', lengthBytes, fixed });
  if (head <= 0x7f || head >= 0xe0) return scalar(0);
  if (head >= 0x90 && head <= 0x9f) return array(head - 0x90, 0);
  if (head >= 0xa0 && head <= 0xbf) return scalar(head - 0xa0);
  const others: Readonly<Record<number, Form>> = {
    0xc0: scalar(0),
    0xc2: scalar(0),
    0xc3: scalar(0),
    0xc4: scalar(0, 1),
    0xc5: scalar(0, 2),
    0xc6: scalar(0, 4),
    0xcc: scalar(1),
    0xcd: scalar(2),
    0xce: scalar(4),
    0xcf: scalar(8),
    0xd0: scalar(1),
    0xd1: scalar(2),
    0xd2: scalar(4),
    0xd3: scalar(8),
    0xd9: scalar(0, 1),
    0xda: scalar(0, 2),
    0xdb: scalar(0, 4),
    0xdc: array(0, 2),
    0xdd: array(0, 4),
  };
  return others[head];
});

function malformed(expected: string, got: string): CompartidosError {
  return invalidMessage('body', expected, new Reason(got));
}
