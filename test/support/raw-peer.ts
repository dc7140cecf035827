import type { ExecutionContext } from 'ava';
import { systemClock } from '../../src/core/system-clock.ts';
import type { Identity } from '../../src/security/identity.ts';
import { dial } from '../../src/transport/dialer.ts';
import { secureContextOf, type SecureSocket } from '../../src/transport/secure-socket.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MAX_DATA_FRAME_BYTES } from '../../src/wire/limits.ts';
import type { Hello, Message } from '../../src/wire/messages/message.ts';
import { testIdentity } from './test-identity.ts';
import { PROTOCOL_VERSIONS } from '../../src/wire/negotiation.ts';

/** A valid hello, changed as wanted. */
export function hello(changes: Partial<Hello> = {}): Hello {
  return {
    ...{ type: 'hello', versions: PROTOCOL_VERSIONS, features: [], role: 'control' },
    ...{ instance: 'raw', name: 'raw', agent: 'test', port: 1 },
    ...changes,
  };
}

/** A peer that says whatever the test wants and keeps what it hears. */
export class RawPeer {
  readonly secure: SecureSocket;
  readonly heard: Message[] = [];
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  #wake: () => void = () => {};

  constructor(secure: SecureSocket) {
    this.secure = secure;
    const decoder = new FrameDecoder(MAX_DATA_FRAME_BYTES);
    secure.socket.on('error', () => {});
    this.closed = new Promise((resolve) => secure.socket.once('close', () => resolve()));
    void this.closed.then(() => this.#wake());
    secure.receive((chunk) => {
      for (const { type, body } of decoder.push(new Uint8Array(chunk))) {
        this.heard.push(decodeFrame(type, new Uint8Array(body)));
      }
      this.#wake();
    });
  }

  /** Dials `port` of this machine as `identity`. */
  static async dial(
    t: ExecutionContext,
    port: number,
    identity: Identity = testIdentity(),
  ): Promise<RawPeer> {
    const context = secureContextOf(identity);
    const peer = new RawPeer(await dial('127.0.0.1', port, { context, clock: systemClock }));
    t.teardown(() => peer.secure.socket.destroy());
    return peer;
  }

  /** Dials and exchanges hellos: ours is that of `hello(changes)`. */
  static async meet(
    t: ExecutionContext,
    port: number,
    identity?: Identity,
    changes?: Partial<Hello>,
  ): Promise<RawPeer> {
    const peer = await RawPeer.dial(t, port, identity);
    peer.say(hello(changes));
    if (!(await peer.hear('hello'))) throw new Error('closed without a hello');
    return peer;
  }

  say(...messages: readonly Message[]): void {
    for (const message of messages) for (const piece of encodeMessage(message)) this.sayBytes(piece);
  }

  sayBytes(bytes: Uint8Array): void {
    if (!this.secure.socket.writableEnded) this.secure.socket.write(bytes);
  }

  /** The first message of `type` that was heard or will be; undefined when the connection closes first. */
  async hear<Type extends Message['type']>(
    type: Type,
  ): Promise<Extract<Message, { type: Type }> | undefined> {
    for (;;) {
      const found = this.heard.find((message) => message.type === type);
      if (found) return found as Extract<Message, { type: Type }>;
      if (this.secure.socket.closed) return undefined;
      await this.hearMore();
    }
  }

  /** Resolves when something more has been heard, or the connection is closed. */
  hearMore(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
