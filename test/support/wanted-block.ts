import type { RelativePath } from '../../src/model/relative-path.ts';

/** A block to ask a session for. */
export const wanted = (length: number, offset = 0) => ({
  path: 'libro.pdf' as RelativePath,
  content: new Uint8Array(32),
  offset,
  length,
  hash: new Uint8Array(32),
});
