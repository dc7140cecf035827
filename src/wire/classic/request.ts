import { compileGlob } from '../../model/glob.ts';
import { pathProblem, type RelativePath } from '../../model/relative-path.ts';
import { MAX_CLASSIC_NAME_BYTES } from '../limits.ts';

/** A request in clear text (PROTOCOL.md, section 7). */
export type ClassicRequest =
  /** `path` undefined: a name that no shared file can have. */
  | { readonly type: 'search'; readonly path: RelativePath | undefined }
  | { readonly type: 'download'; readonly path: RelativePath | undefined }
  /** `glob` undefined: everything. */
  | { readonly type: 'list'; readonly glob: string | undefined }
  /** Asks whether we speak the native protocol. */
  | { readonly type: 'probe' }
  /** A verb with an argument that cannot be: no text, no glob, too long. */
  | { readonly type: 'invalid' };

/** A name inside the private folder, which no classic node can have: only who knows it answers SI. */
export const PROBE_NAME = '.compartidos/1';

const SEARCH = 'BUSCAR:';
const DOWNLOAD = 'DESCARGAR:';
const LIST = 'LISTAR:';
const VERBS = [SEARCH, DOWNLOAD, LIST];

/** Bytes after which a request is taken as it is, so that nobody can go on without end. */
export const MAX_CLASSIC_REQUEST_BYTES = DOWNLOAD.length + MAX_CLASSIC_NAME_BYTES + 1;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What can be said of a request of which `bytes` have come so far. A request has no end of its own, so one that may
 * be complete may also go on. `none`: no request begins like this. `full`: nothing that follows can change the answer.
 */
export function classicProgress(bytes: Uint8Array): 'none' | 'incomplete' | 'perhaps-complete' | 'full' {
  const beginning = Buffer.from(bytes.subarray(0, DOWNLOAD.length)).toString('latin1');
  const verb = VERBS.find((each) => beginning.startsWith(each));
  if (!verb) return VERBS.some((each) => each.startsWith(beginning)) ? 'incomplete' : 'none';
  if (bytes.length > verb.length + MAX_CLASSIC_NAME_BYTES) return 'full';
  // Only LISTAR may stand without an argument.
  return verb !== LIST && bytes.length === verb.length ? 'incomplete' : 'perhaps-complete';
}

/** The request that `bytes` are, or undefined when they begin with no verb. Names are brought to NFC. */
export function parseClassicRequest(bytes: Uint8Array): ClassicRequest | undefined {
  const beginning = Buffer.from(bytes.subarray(0, DOWNLOAD.length)).toString('latin1');
  const verb = VERBS.find((each) => beginning.startsWith(each));
  if (!verb) return undefined;
  const argument = decodeArgument(bytes.subarray(verb.length));
  if (verb === LIST) return listRequest(argument);
  if (verb === SEARCH && argument === PROBE_NAME) return { type: 'probe' };
  const path =
    argument !== undefined && pathProblem(argument) === undefined ? (argument as RelativePath) : undefined;
  return { type: verb === SEARCH ? 'search' : 'download', path };
}

export function encodeClassicSearch(name: string): Uint8Array {
  return Buffer.from(SEARCH + name);
}

export function encodeClassicDownload(name: string): Uint8Array {
  return Buffer.from(DOWNLOAD + name);
}

function listRequest(argument: string | undefined): ClassicRequest {
  if (argument === undefined) return { type: 'invalid' };
  if (argument === '') return { type: 'list', glob: undefined };
  try {
    compileGlob(argument);
  } catch {
    return { type: 'invalid' };
  }
  return { type: 'list', glob: argument };
}

function decodeArgument(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_CLASSIC_NAME_BYTES) return undefined;
  try {
    return utf8.decode(bytes).normalize('NFC');
  } catch {
    return undefined;
  }
}
