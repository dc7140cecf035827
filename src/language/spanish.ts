import type { SentenceKey } from './english.ts';

/** What users read, in Spanish: the same keys as in English. */
export const spanish: Readonly<Record<SentenceKey, string>> = {
  'error.INTERNAL':
    'Algo falló dentro de compartidos: {message}. Por favor, avise y adjunte el archivo de registro.',
};
