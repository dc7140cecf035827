import type { ErrorCode, ErrorParams } from '../core/errors.ts';
import { translate, type Language } from './translate.ts';

/** What happened, to what, why and what to do next, for people; where to look depends on what is not there. */
export function explainError(
  language: Language,
  { code, params }: { readonly code: ErrorCode; readonly params: ErrorParams },
): string {
  const known = code === 'NOT_FOUND' ? { look: params['what'] ?? 'file', ...params } : params;
  return translate(language, `error.${code}`, known);
}
