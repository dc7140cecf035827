import { textOfBytes } from '../core/byte-text.ts';
import { versionOfBytes, versionToBytes } from '../index/entry-row.ts';
import type { VersionVector } from '../model/version-vector.ts';

/** A file that is asked for has its version written more than once in a row. */
let last: { readonly version: VersionVector; readonly text: string } = { version: [], text: '' };

/** A version as a string: it takes a third of the memory. Equal versions are equal strings. */
export function textOfVersion(version: VersionVector): string {
  if (version !== last.version) last = { version, text: textOfBytes(versionToBytes(version)) };
  return last.text;
}

export function versionOfText(text: string): VersionVector {
  return versionOfBytes(Buffer.from(text, 'latin1'));
}
