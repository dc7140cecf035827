import { inspect } from 'node:util';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MAX_DATA_FRAME_BYTES } from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import type { Hello, Message } from '../../src/wire/messages/message.ts';

export interface WireParts {
  /** The names of the devices at its ends. */
  readonly from: string;
  readonly to: string;
  readonly onProtocolError: (problem: string) => void;
}

/** One way of a connection whose hellos are exchanged. Nothing passes but bytes, as between real devices. */
export class SimulatedWire {
  readonly #parts: WireParts;
  readonly #decoder = new FrameDecoder(MAX_DATA_FRAME_BYTES);

  constructor(parts: WireParts) {
    this.#parts = parts;
  }

  /**
   * Encodes `message`, and returns what decodes it, to be called where it arrives: undefined comes of what cannot be
   * encoded or is refused. `role`: of the connection over which a real session may have to send it.
   */
  carry<Sent extends Message>(message: Sent, role: Hello['role']): () => Sent | undefined {
    const { from, to, onProtocolError } = this.#parts;
    let pieces: readonly Uint8Array[];
    try {
      pieces = encodeMessage(message);
    } catch (error) {
      onProtocolError(`${from} cannot send ${message.type} to ${to}: ${String(error)}: ${describe(message)}`);
      return () => undefined;
    }
    return () => {
      try {
        return this.#decode(pieces, role) as Sent;
      } catch (error) {
        this.refuse(message, String(error));
        return undefined;
      }
    };
  }

  /** The device at the other end does not take what has arrived there. */
  refuse(message: Message, why: string): void {
    const { from, to, onProtocolError } = this.#parts;
    onProtocolError(`${to} refuses ${message.type} of ${from}: ${why}: ${describe(message)}`);
  }

  #decode(pieces: readonly Uint8Array[], role: Hello['role']): Message {
    // Piece by piece, so that the bytes of blocks do not stay those of whoever sent them.
    const frames = pieces.flatMap((piece) => [...this.#decoder.push(piece)]);
    const [frame] = frames;
    if (!frame || frames.length > 1) throw new Error(`it is ${frames.length} frames`);
    const message = decodeFrame(frame.type, frame.body);
    if (!MESSAGE_TYPES[message.type].roles.includes(role)) throw new Error(`not on ${role} connections`);
    return message;
  }
}

/** All that it says, on one line. */
function describe(message: Message): string {
  return inspect(message, { depth: Infinity, compact: true, breakLength: Infinity });
}
