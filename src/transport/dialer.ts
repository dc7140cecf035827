import type { OnReadOpts } from 'node:net';
import { connect, type ConnectionOptions, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import { ALPN_PROTOCOL } from '../wire/negotiation.ts';
import { endpoints, provenDevice, type SecureSocket } from './secure-socket.ts';

/** For the connection, and then for the handshake: on a machine that is busy it may be the last of many. ms. */
const CONNECT_MS = 5_000;
const HANDSHAKE_MS = 15_000;
/** The largest TLS record (RFC 8446, section 5.1): Node hands on what it decrypts in pieces of this size. */
const RECORD_BYTES = 16_384;

export interface DialOptions {
  readonly context: SecureContext;
  readonly clock: Clock;
  /** Who must answer; undefined for anybody. */
  readonly expect?: DeviceId | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when there is a connection, before the handshake. */
  readonly reached?: (() => void) | undefined;
}

/**
 * Opens a native connection.
 * @throws CONNECTION_FAILED (`host`, `port`, `reason`: a system error code or `timed-out`); HANDSHAKE_FAILED (`host`,
 * `port`, `reason`) when whoever answers is not a device or not the one expected; ABORTED
 */
export async function dial(host: string, port: number, options: DialOptions): Promise<SecureSocket> {
  const { context, clock, expect, signal, reached } = options;
  if (signal?.aborted) throw new CompartidosError('ABORTED');
  return new Promise((resolve, reject) => {
    const inflow = new Inflow(() => socket.resume());
    const connectOptions: ConnectionOptions & { onread: OnReadOpts } = {
      host,
      port,
      secureContext: context,
      ALPNProtocols: [ALPN_PROTOCOL],
      minVersion: 'TLSv1.3',
      // The certificates are self-signed: `provenDevice` looks at the key.
      rejectUnauthorized: false,
      // Without a reader of its own each piece costs a buffer and a turn through the streams: half of the throughput.
      onread: { buffer: Buffer.allocUnsafeSlow(RECORD_BYTES), callback: inflow.take },
    };
    const socket = connect(connectOptions);
    socket.setNoDelay(true);
    const giveUp = () => fail('CONNECTION_FAILED', 'timed-out');
    let timer = clock.after(CONNECT_MS, giveUp);
    const settle = () => {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
      socket.off('close', closed);
    };
    const fail = (
      code: 'CONNECTION_FAILED' | 'HANDSHAKE_FAILED' | 'ABORTED',
      reason: string,
      cause?: Error,
    ) => {
      settle();
      socket.destroy();
      reject(new CompartidosError(code, code === 'ABORTED' ? {} : { host, port, reason }, { cause }));
    };
    const abort = () => fail('ABORTED', '');
    const closed = () => fail('HANDSHAKE_FAILED', 'closed');
    const failed = (error: Error) => {
      const code = systemErrorCode(error) ?? 'unknown';
      const isTls = code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
      fail(isTls ? 'HANDSHAKE_FAILED' : 'CONNECTION_FAILED', code, error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      timer.cancel();
      timer = clock.after(HANDSHAKE_MS, giveUp);
      reached?.();
    });
    socket.on('error', failed);
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      const proof = provenDevice(socket);
      if ('problem' in proof) fail('HANDSHAKE_FAILED', proof.problem);
      else if (expect !== undefined && proof.device !== expect) fail('HANDSHAKE_FAILED', 'other-device');
      else {
        settle();
        socket.off('error', failed);
        resolve(secureSocket(socket, proof.device, inflow));
      }
    });
  });
}

function secureSocket(socket: TLSSocket, device: DeviceId, inflow: Inflow): SecureSocket {
  // Between this promise and its receiver an error must not go unheard.
  socket.on('error', () => {});
  return {
    socket,
    device,
    ...endpoints(socket),
    dialled: true,
    receive: (listener) => inflow.receive(listener),
  };
}

/** Hands on what a socket reads into its one buffer, and keeps what comes before somebody listens. */
class Inflow {
  readonly #resume: () => void;
  #early: Uint8Array[] = [];
  #listener: ((chunk: Uint8Array) => void) | undefined;

  /** `resume` makes the socket read on after `take` returned false. */
  constructor(resume: () => void) {
    this.#resume = resume;
  }

  readonly take = (bytes: number, buffer: Uint8Array): boolean => {
    const chunk = bytes === buffer.length ? buffer : buffer.subarray(0, bytes);
    if (this.#listener) {
      this.#listener(chunk);
      return true;
    }
    this.#early.push(new Uint8Array(chunk));
    return false;
  };

  receive(listener: (chunk: Uint8Array) => void): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) listener(chunk);
    this.#resume();
  }
}
