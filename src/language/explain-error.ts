import type { ErrorCode, ErrorParams } from '../core/errors.ts';
import { formatSize } from './quantities.ts';
import { translate, type Language } from './translate.ts';

/** Params that are bytes, and are said as sizes. */
const SIZES: ReadonlySet<string> = new Set(['needed', 'free']);

/** What happened, to what, why and what to do next, for people. */
export function explainError(
  language: Language,
  error: { readonly code: ErrorCode; readonly params: ErrorParams },
): string {
  const said = Object.entries(error.params).map(([name, value]) => [
    name,
    SIZES.has(name) && typeof value === 'number' ? formatSize(language, value) : value,
  ]);
  return translate(language, `error.${error.code}`, Object.fromEntries(said) as ErrorParams);
}
