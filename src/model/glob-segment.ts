import { matchesWildcards } from './wildcards.ts';

/** What takes one character, or any number of them. */
type Token = number | CharacterSet;

/** `[a-z]`, `[!a-z]`: pairs of code points, both included. */
interface CharacterSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/** Below any code point. */
const ANY_ONE = -1;
const ANY_NUMBER = -2;

/** A pattern for the name of one folder or file: `*`, `?`, sets, `\` before a character that means itself. */
export class GlobSegment {
  /** Whether its last part is a `*`. */
  readonly isOpen: boolean;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  /** What a name must begin and end with to match: most names are told apart by that alone. */
  readonly #prefix: string;
  readonly #suffix: string;
  /** UTF-16 units of the shortest name that can match. */
  readonly #shortest: number;

  constructor(text: string) {
    this.#text = foldCase(text);
    this.#tokens = tokensOf(text);
    const isWild = (token: Token) => typeof token !== 'number' || token < 0;
    const firstWild = this.#tokens.findIndex(isWild);
    this.#prefix = literalText(firstWild < 0 ? this.#tokens : this.#tokens.slice(0, firstWild));
    this.#suffix = literalText(this.#tokens.slice(this.#tokens.findLastIndex(isWild) + 1));
    this.#shortest = this.#tokens.filter((token) => token !== ANY_NUMBER).length;
    this.isOpen = this.#tokens.at(-1) === ANY_NUMBER;
  }

  /** @param name folded by `foldCase`. One that is written like the pattern matches: names may hold brackets. */
  matches(name: string): boolean {
    if (name === this.#text) return true;
    if (name.length < this.#shortest || !name.startsWith(this.#prefix) || !name.endsWith(this.#suffix))
      return false;
    return matchesWildcards(this.#tokens, ANY_NUMBER, name.length, (token, at) => {
      const character = name.codePointAt(at)!;
      return takes(token, character) ? at + (character > 0xffff ? 2 : 1) : -1;
    });
  }
}

/** The same for texts that differ in case only, character by character: none becomes two. */
export function foldCase(text: string): string {
  const upper = text.toUpperCase();
  if (upper.length === text.length) return upper;
  return Array.from(text, (character) => {
    const folded = character.toUpperCase();
    return folded.length === character.length ? folded : character;
  }).join('');
}

function tokensOf(text: string): Token[] {
  const characters = [...text];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    if (character === '*') {
      if (tokens.at(-1) !== ANY_NUMBER) tokens.push(ANY_NUMBER);
    } else if (character === '?') {
      tokens.push(ANY_ONE);
    } else if (character === '\\') {
      at += 1;
      if (at < characters.length) tokens.push(literal(characters[at]!));
    } else {
      const end = character === '[' ? endOfSet(characters, at) : -1;
      tokens.push(end < 0 ? literal(character) : setOf(characters.slice(at + 1, end)));
      if (end >= 0) at = end;
    }
  }
  return tokens;
}

/** Where the set that begins at `start` is closed, or -1. A `]` that comes first is one of its characters. */
function endOfSet(characters: readonly string[], start: number): number {
  const negated = isNegation(characters[start + 1]);
  return characters.indexOf(']', start + (negated ? 3 : 2));
}

function setOf(characters: readonly string[]): CharacterSet {
  const negated = isNegation(characters[0]);
  const points = characters.slice(negated ? 1 : 0).map((character) => character.codePointAt(0)!);
  const ranges: [number, number][] = [];
  for (let at = 0; at < points.length; at += 1) {
    const isRange = points[at + 1] === HYPHEN && at + 2 < points.length;
    ranges.push([points[at]!, points[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return { negated, ranges };
}

const HYPHEN = 0x2d;

function isNegation(character: string | undefined): boolean {
  return character === '!' || character === '^';
}

function literal(character: string): number {
  return foldCase(character).codePointAt(0)!;
}

function literalText(tokens: readonly Token[]): string {
  return tokens.map((token) => String.fromCodePoint(token as number)).join('');
}

function takes(token: Token, character: number): boolean {
  if (typeof token === 'number') return token < 0 || token === character;
  const lower = String.fromCodePoint(character).toLowerCase().codePointAt(0)!;
  const isIn = (point: number) => token.ranges.some(([first, last]) => first <= point && point <= last);
  return token.negated !== (isIn(character) || isIn(lower));
}
