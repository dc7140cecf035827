/** What users read, in English. Keys: event names of the log, `error.CODE`, and `face.part`. */
export const english = {
  'error.INTERNAL': 'Something went wrong inside compartidos: {message}. Please report it with the log file.',
} as const satisfies Record<string, string>;

export type SentenceKey = keyof typeof english;
