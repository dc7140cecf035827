/** ISO 639-1. */
export type Language = 'en' | 'es';
