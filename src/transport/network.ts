import type { Emitter } from '../core/emitter.ts';
import type { DeviceId } from '../model/device-id.ts';
import type {
  Availability,
  IndexQuery,
  IndexUpdate,
  Peers,
  Refusal,
  SyncRules,
  WantedBlock,
} from '../wire/messages/message.ts';

/** What a session carries besides the requests for blocks. */
export type SessionMessage = IndexQuery | IndexUpdate | Availability | Peers | SyncRules;

/** A block that was asked for, or why it is not sent. */
export type BlockAnswer = Uint8Array | Refusal;

/**
 * One connected device: a control connection, verified, and the data connections that go with it. At most one
 * session a device exists at a time.
 */
export interface PeerSession {
  readonly device: DeviceId;
  /** Display name, from the hello; not verified and not unique. */
  readonly name: string;
  /** The peer's IP address and the port on which it listens. */
  readonly host: string;
  readonly port: number;
  /** Queues a message on the control connection; does nothing once the session has ended. */
  send(message: SessionMessage): void;
  /** Resolves when what was sent has left for the network: lets the sender of a long index keep pace. */
  drained(): Promise<void>;
  /** Reads no more messages from the control connection until `resume`; what has been read already still comes. */
  pause(): void;
  resume(): void;
  /**
   * Asks for blocks over a data connection: at least one, with at most MAX_BLOCK_BYTES together, and no more than
   * `wire/limits` lets one request have. Many requests may be under way at once. Resolves with an answer to each, in the
   * same order. The bytes have the length that was asked for; their hash is NOT checked here. Each may be given back to
   * `blockBuffers`, once. With `compare` (false unless given) the peer is to check the hashes before it sends them.
   * Rejects with REQUEST_TIMED_OUT, CONNECTION_CLOSED, MESSAGE_INVALID.
   */
  requestBlocks(wanted: readonly WantedBlock[], compare?: boolean): Promise<readonly BlockAnswer[]>;
  /** Ends the session; `reason` goes to the log and, as a goodbye, to the peer. */
  close(reason: 'stopping' | 'protocol-error' | 'denied'): void;
}

export type NetworkEvents = {
  connected: [session: PeerSession];
  disconnected: [session: PeerSession, reason: string];
  message: [session: PeerSession, message: SessionMessage];
};

/**
 * Answers requests for blocks: one answer to each, in the same order. Bytes that are the next ones of the same buffer are
 * sent without a copy. Each is given back to `blockBuffers` when it has left.
 */
export type BlockSource = (
  session: { readonly device: DeviceId },
  wanted: readonly WantedBlock[],
  compare: boolean,
) => Promise<readonly BlockAnswer[]>;

/** All sessions. What catalogue/ and transfer/ know of the network; the simulator has another. */
export interface Network {
  readonly events: Emitter<NetworkEvents>;
  sessions(): readonly PeerSession[];
  session(device: DeviceId): PeerSession | undefined;
  /** Says who answers block requests; until then they are refused. */
  serveBlocks(source: BlockSource): void;
}
