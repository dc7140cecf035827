import { HASH_BYTES, MAX_BLOCK_BYTES } from '../model/block-layout.ts';

export { MAX_COUNTERS } from '../model/version-vector.ts';

/**
 * Every size and count that a peer can choose, with its bound (PROTOCOL.md, section 6). Both sides keep to them:
 * what is beyond is neither sent nor accepted.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes before the body of a frame: length (4) and type (1). */
export const FRAME_HEADER_BYTES = 5;
/** Blocks of one request. */
export const MAX_REQUEST_BLOCKS = 256;
/** Bytes of a block reply's body before the outcomes: id (4) and count (2). */
export const BLOCK_REPLY_HEADER_BYTES = 6;

/** The largest value of a frame's length field: before the hellos, of what only control connections carry, of all. */
export const MAX_HELLO_FRAME_BYTES = 16 * KIB;
export const MAX_CONTROL_FRAME_BYTES = 4 * MIB;
export const MAX_DATA_FRAME_BYTES = 1 + BLOCK_REPLY_HEADER_BYTES + MAX_REQUEST_BLOCKS + MAX_BLOCK_BYTES;
/** Of a block request. A few thousand bytes are a path at most. */
export const MAX_REQUEST_FRAME_BYTES = 256 * KIB;
/** Of every frame but index updates, peers, block requests and block replies. */
export const MAX_SMALL_FRAME_BYTES = 16 * KIB;

/** Arrays within arrays in one MessagePack body, the outermost included. */
export const MAX_DEPTH = 6;
/** MessagePack values in one body, arrays included. */
export const MAX_VALUES = 500_000;

/** Bytes of a display name. */
export const MAX_NAME_BYTES = 255;
/** Bytes of the software's name and version. */
export const MAX_AGENT_BYTES = 128;
export const MAX_INSTANCE_BYTES = 64;
export const MAX_FEATURES = 64;
export const MAX_FEATURE_BYTES = 64;
export const MAX_PROTOCOL_VERSION = 65_535;
export const MAX_PORT = 65_535;

/** Bytes of an index id. */
export const INDEX_ID_BYTES = 8;
export const MAX_UPDATE_ENTRIES = 10_000;
/** Different devices in the versions of one update. */
export const MAX_UPDATE_DEVICES = 4096;
/** Blocks of one file: keeps its entry within a control frame. */
export const MAX_BLOCKS = 65_536;
/** Bytes of a file that can be announced: 1 TiB. */
export const MAX_FILE_BYTES = MAX_BLOCKS * MAX_BLOCK_BYTES;
/** Bytes of a symbolic link's target. */
export const MAX_TARGET_BYTES = 4096;
export const MAX_HAVE_BYTES = MAX_BLOCKS / 8;
export const MAX_BLOCK_HASHES_BYTES = MAX_BLOCKS * HASH_BYTES;

export const MAX_PEERS_TOLD = 256;

export const MAX_SYNC_RULES = 1000;

export const MAX_REQUEST_ID = 0xffff_ffff;
export const MAX_NONCE = 0xffff_ffff;

/** Bytes of a name or a glob in a classic request. */
export const MAX_CLASSIC_NAME_BYTES = 4096;
