import type { ErrorCode, ErrorParams } from '../core/errors.ts';
import { isSentence, translate, type Language } from './translate.ts';

/** Params whose values may be the names of phrases: `reason: 'nul'` is said with the sentence `reason.nul`. */
const PHRASES = ['expected', 'reason', 'what', 'problem'];

/** What happened, to what, why and what to do next, for people. */
export function explainError(
  language: Language,
  error: { readonly code: ErrorCode; readonly params: ErrorParams },
): string {
  const fillings: Record<string, string | number | boolean> = { ...error.params };
  for (const name of PHRASES) {
    const key = `${name}.${fillings[name]}`;
    if (isSentence(key)) fillings[name] = translate(language, key, fillings);
  }
  return translate(language, `error.${error.code}`, fillings);
}
