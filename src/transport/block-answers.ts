import { blockBuffers } from '../core/buffer-pool.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { BlockReply, BlockRequest, WantedBlock } from '../wire/messages/message.ts';
import type { BlockAnswer, BlockSource } from './network.ts';

/** What `source` answers to `device`: one answer for each block, no bytes of another length than was asked for. */
export async function answersOf(
  source: BlockSource | undefined,
  device: DeviceId,
  { blocks, compare }: BlockRequest,
): Promise<readonly BlockAnswer[]> {
  if (!source) return blocks.map(() => 'busy');
  try {
    const answers = await source({ device }, blocks, compare);
    return blocks.map(({ length }, index) => {
      const answer = answers[index] ?? 'failed';
      return typeof answer === 'string' || answer.length === length ? answer : 'changed';
    });
  } catch {
    return blocks.map(() => 'failed');
  }
}

/** The reply that gives these answers. Its bytes are theirs: when it has left, `giveBack` gives them back. */
export function replyWith(answers: readonly BlockAnswer[], { id }: BlockRequest): BlockReply {
  const outcomes = answers.map((answer) => (typeof answer === 'string' ? answer : 'sent'));
  return { type: 'block-reply', id, outcomes, bytes: joined(answers.filter(isBlock)) };
}

/** Nobody uses the bytes of these answers any more. */
export function giveBack(answers: readonly BlockAnswer[]): void {
  for (const answer of answers) if (isBlock(answer)) blockBuffers.give(answer);
}

/**
 * What the reply says of each block, the bytes as views of it, each to be given back; undefined when it does not fit
 * what was asked.
 */
export function answersIn(
  { outcomes, bytes: [bytes] }: BlockReply,
  wanted: readonly WantedBlock[],
): readonly BlockAnswer[] | undefined {
  const answers = cut(outcomes, bytes, wanted);
  const sent = answers?.filter(isBlock).length ?? 0;
  if (bytes && sent > 0) blockBuffers.share(bytes, sent);
  else if (bytes) blockBuffers.give(bytes);
  return answers;
}

function cut(
  outcomes: BlockReply['outcomes'],
  bytes: Uint8Array | undefined,
  wanted: readonly WantedBlock[],
): readonly BlockAnswer[] | undefined {
  if (outcomes.length !== wanted.length) return undefined;
  let end = 0;
  const answers = outcomes.map((outcome, index): BlockAnswer => {
    if (outcome !== 'sent') return outcome;
    const start = end;
    end += wanted[index]!.length;
    return bytes?.subarray(start, end) ?? 'failed';
  });
  return end === (bytes?.length ?? 0) ? answers : undefined;
}

function isBlock(answer: BlockAnswer): answer is Uint8Array {
  return typeof answer !== 'string';
}

/** The same bytes in as few pieces as they lie in. */
function joined(blocks: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const block of blocks) {
    const last = pieces.at(-1);
    const isNext = last?.buffer === block.buffer && last.byteOffset + last.length === block.byteOffset;
    if (isNext)
      pieces[pieces.length - 1] = new Uint8Array(block.buffer, last.byteOffset, last.length + block.length);
    else pieces.push(block);
  }
  return pieces;
}
