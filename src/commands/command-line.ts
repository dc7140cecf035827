import { CommanderError, type Command } from 'commander';
import { CompartidosError, isCompartidosError, toError } from '../core/errors.ts';
import { explainError } from '../language/explain-error.ts';
import type { Language } from '../language/translate.ts';
import { createContext, languageOf } from './command-context.ts';
import type { CommandIo } from './command-io.ts';
import { DONE, exitCodeOf, WRONG_USAGE } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram, withDefaultCommand } from './program.ts';
import { usageErrorOf } from './usage-error.ts';

/**
 * Runs one command line (without the program's own name) and resolves with the exit code: 0 done, 1 failed, 2 wrong
 * usage or configuration, 3 no agent running. Never rejects: whatever goes wrong is said on the standard error.
 */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<number> {
  const out = new Output(io.stdout);
  const errors = new Output(io.stderr);
  const language = await languageOf(io, argv);
  let exitCode = DONE;
  const program = createProgram({ language, out, errors }, async (options, command) => {
    exitCode = await command(createContext(io, { language, out, errors }, options));
  });
  try {
    await program.parseAsync([...withDefaultCommand(argv)], { from: 'user' }).catch((error: unknown) => {
      // It was asked for help, or for its version.
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
    });
    await out.finish();
  } catch (error) {
    // A command that only has commands of its own has shown its help already.
    if (error instanceof CommanderError && error.code === 'commander.help') return WRONG_USAGE;
    const failure = asFailure(language, program, error);
    await say(errors, language, failure, argv.includes('--json'));
    return exitCodeOf(failure.code);
  }
  return exitCode;
}

function asFailure(language: Language, program: Command, error: unknown): CompartidosError {
  if (isCompartidosError(error)) return error;
  if (error instanceof CommanderError) return usageErrorOf(language, program, error);
  const { message } = toError(error);
  return new CompartidosError('INTERNAL', { message }, { cause: error });
}

async function say(
  errors: Output,
  language: Language,
  failure: CompartidosError,
  json: boolean,
): Promise<void> {
  const message = explainError(language, failure);
  if (!json) return errors.lines([message]);
  await errors.json({ error: { code: failure.code, params: failure.params, message } });
}
