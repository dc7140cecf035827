import type { ErrorCode, ErrorParams } from '../core/errors.ts';
import { translate, type Language } from './translate.ts';

/** What happened, to what, why and what to do next, for people. */
export function explainError(
  language: Language,
  { code, params }: { readonly code: ErrorCode; readonly params: ErrorParams },
): string {
  return translate(language, `error.${code}`, params);
}
