import { CompartidosError } from '../core/errors.ts';

/** One thing that is wrong in config.yaml, and where: lines and columns count from 1. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly problem:
    | 'unknown-key'
    | 'unknown-key-near'
    | 'wrong-value'
    | 'no-value'
    | 'wrong-document'
    | 'duplicate-key'
    | 'not-yaml'
    | 'needs-quotes'
    | 'too-deep'
    | 'too-large'
    | 'not-text'
    | 'not-shareable';
  /** The whole key: `limits.down`, `rules[0].match`. */
  readonly key?: string;
  /** The key of a phrase under `expected.` in `language/`, and what fills it in. */
  readonly expected?: string;
  readonly choices?: string;
  /** The beginning of what is there instead; the first character of a text that needs quotes. */
  readonly got?: string;
  /** The known key that resembles an unknown one most. */
  readonly nearest?: string;
  /** Why it is not YAML: the key of a phrase under `detail.` in `language/`. */
  readonly detail?: string;
}

/** The error of a config file with a problem. */
export function configInvalid(file: string, problem: ConfigProblem): CompartidosError {
  return new CompartidosError('CONFIG_INVALID', { file, ...problem });
}
