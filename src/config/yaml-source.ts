import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, ErrorCode, Node, Pair, YAMLError } from 'yaml';
import type { ConfigProblem } from './config-problem.ts';

const MAX_ALIASES = 100;
/** The deepest structure that the schema allows has six levels. */
const MAX_DEPTH = 32;
const MAX_INDENT = 200;
const MAX_PROBLEMS = 20;

/** What people are told of the errors of the parser, under `detail.` in `language/`; of any other that it is one. */
const DETAILS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DIRECTIVE: 'directive',
  BAD_DQ_ESCAPE: 'backslash',
  BAD_INDENT: 'bad-indent',
  BLOCK_AS_IMPLICIT_KEY: 'key-after-value',
  MISSING_CHAR: 'missing-character',
  MULTILINE_IMPLICIT_KEY: 'no-value',
  MULTIPLE_DOCS: 'two-documents',
  NON_STRING_KEY: 'no-text',
  TAB_AS_INDENT: 'tab-as-indent',
  UNEXPECTED_TOKEN: 'out-of-place',
};

/** Errors of a text whose first character means something else in YAML: an alias, a tag, or nothing at all. */
const WITHOUT_QUOTES: ReadonlySet<ErrorCode> = new Set([
  'BAD_ALIAS',
  'BAD_SCALAR_START',
  'TAG_RESOLVE_FAILED',
]);

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
      this.problems = this.#syntaxProblems(this.#document, text);
      if (this.problems.length === 0) this.value = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch {
      this.problems = [{ line: 1, column: 1, problem: 'not-yaml', detail: 'other' }];
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

  #syntaxProblems(document: Document.Parsed, text: string): ConfigProblem[] {
    const found = [...document.errors, ...document.warnings].map((error) => this.#problemOf(error, text));
    for (const offset of unknownAliases(document)) {
      found.push({ ...this.#positionAt(offset), problem: 'needs-quotes', got: '*' });
    }
    // A directive could bring back the surprises of YAML 1.1: `no` for false, `1:30` for 90.
    if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
      found.push({ line: 1, column: 1, problem: 'not-yaml', detail: 'directive' });
    }
    found.sort((a, b) => a.line - b.line || a.column - b.column);
    // What follows in the same line is mostly a consequence.
    return found.filter(({ line }, at) => line !== found[at - 1]?.line).slice(0, MAX_PROBLEMS);
  }

  #problemOf({ pos, code }: YAMLError, text: string): ConfigProblem {
    const position = this.#positionAt(pos[0]);
    if (code === 'DUPLICATE_KEY') return { ...position, problem: 'duplicate-key' };
    if (WITHOUT_QUOTES.has(code)) {
      return { ...position, problem: 'needs-quotes', got: code === 'BAD_ALIAS' ? '*' : text.charAt(pos[0]) };
    }
    return { ...position, problem: 'not-yaml', detail: DETAILS[code] ?? 'other' };
  }
}

/** Where a text without quotes begins with `*`: an alias of an anchor that has not been before it. */
function unknownAliases(document: Document.Parsed): number[] {
  const anchors = new Set<string>();
  const offsets: number[] = [];
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) offsets.push(node.range?.[0] ?? 0);
    },
  });
  return offsets;
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
