import { examineConfig } from '../config/load-settings.ts';
import { configInvalid } from '../config/config-problem.ts';
import { explainError } from '../language/explain-error.ts';
import type { CommandContext } from './command-context.ts';
import { DONE, WRONG_USAGE } from './exit-codes.ts';

/** Says all that is wrong with the config; needs no agent. */
export async function configCheck(context: CommandContext): Promise<number> {
  const { configFile: file, language } = context;
  const result = await examineConfig(file, { optional: !context.configNamed, language });
  const problems = 'problems' in result ? result.problems : [];
  const errors = problems.map((problem) => configInvalid(file, problem));
  const messages = errors.map((error) => explainError(language, error));
  if (context.json) {
    await context.out.json({
      file,
      valid: problems.length === 0,
      problems: problems.map((problem, at) => ({ ...problem, message: messages[at] })),
    });
  } else if (problems.length === 0) {
    const isMissing = 'isMissing' in result && result.isMissing;
    await context.out.lines([
      context.say(isMissing ? 'command.config-missing' : 'command.config-fine', { file }),
    ]);
  } else {
    await context.errors.lines([
      ...messages,
      context.say('command.config-problems', { count: problems.length }),
    ]);
  }
  return problems.length === 0 ? DONE : WRONG_USAGE;
}
