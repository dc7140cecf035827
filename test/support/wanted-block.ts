import { CompartidosError, isCompartidosError } from '../../src/core/errors.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { blockHash } from '../../src/model/file-entry.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';
import type { BlockAnswer, BlockSource, PeerSession } from '../../src/transport/network.ts';
import type { BlockReply, BlockRequest, Refusal, WantedBlock } from '../../src/wire/messages/message.ts';
import { BLOCK } from './block-size.ts';

/** A block to ask a session for. */
export const wanted = (length: number, offset = 0): WantedBlock => ({
  path: 'libro.pdf' as RelativePath,
  content: new Uint8Array(32),
  offset,
  length,
  hash: new Uint8Array(32),
});

/** A request for blocks of these lengths. */
export const blockRequest = (id: number, ...lengths: number[]): BlockRequest => ({
  type: 'block-request',
  id,
  blocks: lengths.map((length) => wanted(length)),
  compare: false,
});

/** A block of such a file, as its entry says it is. */
export function requestFor(entry: FileEntry, index: number, changes: Partial<WantedBlock> = {}): WantedBlock {
  return {
    path: entry.path,
    content: entry.hash!,
    offset: index * BLOCK,
    length: Math.min(BLOCK, entry.size - index * BLOCK),
    hash: blockHash(entry, index)!,
    ...changes,
  };
}

/** Asks for one block. Rejects with REQUEST_REFUSED when it is refused. */
export async function askFor(
  session: Pick<PeerSession, 'requestBlocks'>,
  block: WantedBlock,
): Promise<Uint8Array> {
  const [answer] = await session.requestBlocks([block]);
  return bytesOf(answer!);
}

/** @throws REQUEST_REFUSED */
export function bytesOf(answer: BlockAnswer): Uint8Array {
  if (typeof answer === 'string') throw new CompartidosError('REQUEST_REFUSED', { reason: answer });
  return answer;
}

/** Answers each block by itself: what rejects with REQUEST_REFUSED is refused. */
export function eachBlock(answer: (block: WantedBlock, asker: DeviceId) => Promise<Uint8Array>): BlockSource {
  return ({ device }, blocks) => Promise.all(blocks.map((block) => orRefusal(answer(block, device))));
}

export async function orRefusal(answer: Promise<Uint8Array>): Promise<BlockAnswer> {
  try {
    return await answer;
  } catch (error) {
    if (!isCompartidosError(error, 'REQUEST_REFUSED')) throw error;
    return error.params['reason'] as Refusal;
  }
}

/** The reply to a request for one block. */
export function replyTo({ id }: Pick<BlockRequest, 'id'>, bytes: Uint8Array): BlockReply {
  return { type: 'block-reply', id, outcomes: ['sent'], bytes: [bytes] };
}
