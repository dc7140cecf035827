import { textOfBytes } from '../core/byte-text.ts';
import { versionOfBytes, versionToBytes } from '../index/entry-row.ts';
import type { VersionVector } from '../model/version-vector.ts';

/** A version as a string: it takes a third of the memory. Equal versions are equal strings. */
export function textOfVersion(version: VersionVector): string {
  return textOfBytes(versionToBytes(version));
}

export function versionOfText(text: string): VersionVector {
  return versionOfBytes(Buffer.from(text, 'latin1'));
}
