import { padText, textWidth, wrapText } from '../language/text-width.ts';

const GAP = 2;
/** With fewer columns for what is said, its lines begin at the left. */
const MIN_ROOM = 20;

/** Names, and beside them what is said of each, which goes on in its own column where `width` ends. */
export function pairLines(
  pairs: readonly (readonly [name: string, said: string])[],
  width = Infinity,
): string[] {
  const indent = Math.max(...pairs.map(([name]) => textWidth(name))) + GAP;
  const room = width - indent;
  return pairs.flatMap(([name, said]) => {
    const lines = room < MIN_ROOM ? [said] : wrapText(said, room);
    return lines.map((line, at) => padText(at === 0 ? name : '', indent) + line);
  });
}
