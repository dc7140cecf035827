import type { englishFaces } from './english-faces.ts';

/** What the commands and the prompt say, in Spanish. */
export const spanishFaces: Readonly<Record<keyof typeof englishFaces, string>> = {
  'command.config-fine': '{file} está bien.',
};
