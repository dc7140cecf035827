/** What the commands and the prompt say, in English. */
export const englishFaces = {
  'command.config-fine': '{file} is fine.',
} as const satisfies Record<string, string>;
