import type { AgentApi } from '../agent-api.ts';
import { translate, type Language } from '../language/translate.ts';
import { isGlob } from '../model/glob.ts';

/** Names that are looked up. */
const MAX_NAMES = 20;

/**
 * Of each of `names` that peers have several files under, a line that says so: who asks by name alone gets the newest.
 * `sentence`: how the others are to be had where that is read.
 */
export async function otherFileLines(
  language: Language,
  api: Pick<AgentApi, 'find'>,
  names: readonly string[],
  sentence: 'prompt.other-files' | 'command.other-files',
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names.filter((each) => !isGlob(each)).slice(0, MAX_NAMES)) {
    const path = name.normalize('NFC');
    const found = (await api.find(name)).filter((file) => file.path === path && file.holders.length > 0);
    if (found.length > 1) lines.push(translate(language, sentence, { path, count: found.length }));
  }
  return lines;
}
