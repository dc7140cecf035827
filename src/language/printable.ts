/**
 * `text` as it may be shown on a terminal: whatever could move the cursor, change colours, reverse the direction of
 * what follows or begin another line is shown as a visible sign. For every text that comes from outside: names of
 * peers and files, what a program or the system says.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
    if (code === 0x7f) return '\u2421';
    return `\\u{${code.toString(16)}}`;
  });
}

/** Unicode's block of visible signs for the C0 control characters. */
const CONTROL_PICTURES = 0x2400;
/** All controls and formats but the two joiners that scripts and emoji need. */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
