import type { DeviceId } from '../../model/device-id.ts';
import type { FileEntry } from '../../model/file-entry.ts';
import type { RelativePath } from '../../model/relative-path.ts';

/** Every native message, as a value. PROTOCOL.md gives the bytes. */
export type Message =
  | Hello
  | IndexQuery
  | IndexUpdate
  | Availability
  | Peers
  | SyncRules
  | Ping
  | Pong
  | BlockRequest
  | BlockReply
  | Goodbye;

/** The first message each way on every connection. */
export interface Hello {
  readonly type: 'hello';
  /** The lowest and the highest protocol version spoken; the connection uses the highest that both speak. */
  readonly versions: { readonly lowest: number; readonly highest: number };
  /** Optional features that the sender understands; unknown ones are ignored. */
  readonly features: readonly string[];
  /** `control`: one for each pair of devices. `data`: for block requests, opened by whoever pulls. */
  readonly role: 'control' | 'data';
  /** Changes with each start of the process: tells a restarted peer from a second connection. */
  readonly instance: string;
  /** Display name. */
  readonly name: string;
  /** Software and its version, for people. */
  readonly agent: string;
  /** The TCP port on which the sender listens. */
  readonly port: number;
}

/** Asks for the receiver's index from after `after`; answered with one or more index updates, at least one. */
export interface IndexQuery {
  readonly type: 'index-query';
  /** The index that the sender knows (16 hex digits), or empty for none. */
  readonly indexId: string;
  readonly after: number;
}

/** A part of the sender's index: the entries with `after` < sequence <= `until`, in ascending order of sequence. */
export interface IndexUpdate {
  readonly type: 'index-update';
  /** Made anew when the index is: then what was known of the old one is forgotten. */
  readonly indexId: string;
  readonly after: number;
  readonly until: number;
  readonly entries: readonly FileEntry[];
}

/** Which blocks of a file that the sender is still receiving can be had from it already. */
export interface Availability {
  readonly type: 'availability';
  readonly path: RelativePath;
  /** FileEntry.hash of the content. */
  readonly hash: Uint8Array;
  /** One bit a block, the lowest bit of the first byte first. Empty: it no longer receives it; its index says the rest. */
  readonly have: Uint8Array;
}

/** Peers that the sender is connected to, for networks where multicast does not pass. */
export interface Peers {
  readonly type: 'peers';
  readonly peers: readonly {
    readonly device: DeviceId;
    readonly name: string;
    readonly host: string;
    readonly port: number;
  }[];
}

/** A rule by which a device syncs. */
export interface SyncRule {
  /** What tells it from others: see `sync/sync-key.ts`. */
  readonly key: Uint8Array;
  /** Deletions that the device has announced with a higher sequence are meant for all who have the rule. */
  readonly since: number;
}

/** All by which the sender syncs. */
export interface SyncRules {
  readonly type: 'sync-rules';
  readonly rules: readonly SyncRule[];
}

export interface Ping {
  readonly type: 'ping';
  readonly nonce: number;
}

export interface Pong {
  readonly type: 'pong';
  readonly nonce: number;
}

/** A block that somebody wants. */
export interface WantedBlock {
  readonly path: RelativePath;
  /** FileEntry.hash of the content, or empty while that is not known. */
  readonly content: Uint8Array;
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
  /** BLAKE3 of the block. */
  readonly hash: Uint8Array;
}

/** Asks for some blocks, of one file or of many. Answered by one BlockReply with the same `id`, in any order. */
export interface BlockRequest {
  readonly type: 'block-request';
  /** Chosen by the asker; unique among its requests under way on this connection. */
  readonly id: number;
  /** At least one, with at most MAX_BLOCK_BYTES together. */
  readonly blocks: readonly WantedBlock[];
  /** Each is to be compared with its hash before it is sent: what came the last time was wrong. */
  readonly compare: boolean;
}

/** Why a block is not sent. `changed`: the file is no longer what its entry says. */
export type Refusal = 'not-found' | 'denied' | 'changed' | 'busy' | 'failed';

export interface BlockReply {
  readonly type: 'block-reply';
  readonly id: number;
  /** What became of each block that was asked for, in the same order. */
  readonly outcomes: readonly ('sent' | Refusal)[];
  /** The bytes of the blocks that are sent, one after the other, however they are cut into pieces. */
  readonly bytes: readonly Uint8Array[];
}

/** The sender closes on purpose. */
export interface Goodbye {
  readonly type: 'goodbye';
  readonly reason: 'stopping' | 'duplicate' | 'protocol-error' | 'denied' | 'idle' | 'incompatible';
}
