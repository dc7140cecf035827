/** The first two bytes of what editors of Windows, and `>` in its PowerShell, write if nobody says otherwise. */
const UTF_16 = new Map([
  ['\xff\xfe', 'utf-16le'],
  ['\xfe\xff', 'utf-16be'],
]);

/**
 * The text of a file that a person has written: UTF-8, or UTF-16 where it begins with the mark of that. The mark is not in it.
 * @returns undefined if it is neither
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('latin1');
  try {
    return new TextDecoder(UTF_16.get(mark) ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
