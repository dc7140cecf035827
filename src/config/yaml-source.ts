import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import { toError } from '../core/errors.ts';
import type { ConfigProblem } from './config-problem.ts';

const MAX_ALIASES = 100;
/** The deepest structure that the schema allows has six levels. */
const MAX_DEPTH = 32;
const MAX_INDENT = 200;
const MAX_PROBLEMS = 20;

export type Position = Pick<ConfigProblem, 'line' | 'column'>;
export type Path = readonly PropertyKey[];

/** A YAML document and where in its text each value stands. */
export class YamlSource {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  readonly #document: Document.Parsed | undefined;
  readonly #lines = new LineCounter();

  /** Never throws: what is wrong with `text` is in `problems`, and then there is no value. */
  constructor(text: string) {
    const tooDeep = findTooDeep(text);
    if (tooDeep) {
      this.problems = [{ ...tooDeep, problem: 'too-deep' }];
      return;
    }
    try {
      this.#document = parseDocument(text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        stringKeys: true,
        schema: 'core',
        resolveKnownTags: false,
        logLevel: 'error',
      });
      this.problems = this.#syntaxProblems(this.#document);
      if (this.problems.length === 0) this.value = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      this.problems = [{ line: 1, column: 1, problem: 'not-yaml', detail: toError(error).message }];
    }
  }

  /** Where the value at `path` stands, or the nearest thing around it. */
  positionOf(path: Path): Position {
    let node: unknown = this.#document?.contents;
    let position = this.#positionOfNode(node);
    for (const key of path) {
      const pair = this.#pairOf(node, key);
      node = pair ? pair.value : this.#itemOf(node, key);
      position = this.#positionOfNode(node) ?? this.#positionOfNode(pair?.key) ?? position;
    }
    return position ?? { line: 1, column: 1 };
  }

  /** Where the last key of `path` stands. */
  positionOfKey(path: Path): Position {
    let node: unknown = this.#document?.contents;
    for (const key of path.slice(0, -1)) node = this.#pairOf(node, key)?.value ?? this.#itemOf(node, key);
    const last = path.at(-1);
    const pair = last === undefined ? undefined : this.#pairOf(node, last);
    return this.#positionOfNode(pair?.key) ?? this.positionOf(path);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) && this.#document ? node.resolve(this.#document) : node;
  }

  #pairOf(node: unknown, key: PropertyKey): Pair | undefined {
    const map = this.#resolve(node);
    if (!isMap(map)) return undefined;
    return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
  }

  #itemOf(node: unknown, key: PropertyKey): unknown {
    const sequence = this.#resolve(node);
    return isSeq(sequence) ? sequence.items[Number(key)] : undefined;
  }

  #positionOfNode(node: unknown): Position | undefined {
    const range = (node as Partial<Node> | null | undefined)?.range;
    return range ? this.#positionAt(range[0]) : undefined;
  }

  #positionAt(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #syntaxProblems(document: Document.Parsed): ConfigProblem[] {
    const found = [...document.errors, ...document.warnings]
      .slice(0, MAX_PROBLEMS)
      .map(({ pos, code, message }): ConfigProblem => {
        const position = this.#positionAt(pos[0]);
        if (code === 'DUPLICATE_KEY') return { ...position, problem: 'duplicate-key' };
        return { ...position, problem: 'not-yaml', detail: message };
      });
    // A directive could bring back the surprises of YAML 1.1: `no` for false, `1:30` for 90.
    if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
      found.push({ line: 1, column: 1, problem: 'not-yaml', detail: '%YAML 1.2' });
    }
    return found;
  }
}

/** The composer is recursive: what nests too deep for it is found before, in the flat list of tokens. */
function findTooDeep(text: string): Position | undefined {
  let depth = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    if (depth > MAX_DEPTH) return { line, column: 1 };
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line += 1;
  }
  const lines = text.split('\n');
  const indented = lines.findIndex((each) => /^[ \t?:-]*/.exec(each)![0].length > MAX_INDENT);
  return indented < 0 ? undefined : { line: indented + 1, column: 1 };
}
