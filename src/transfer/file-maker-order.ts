import type { PassedError } from '../core/passed-error.ts';

/** Files for a worker to make: their bytes lie one after the other in `buffer`, which is the worker's until its report. */
export interface MakeOrder {
  readonly durable: boolean;
  readonly buffer: ArrayBuffer;
  readonly files: readonly {
    readonly temporary: string;
    readonly path: string;
    readonly length: number;
    readonly mtimeUs: number;
    readonly executable: boolean;
  }[];
}

/** What became of one file. `staged`: it is whole, under its temporary name, and only the link to its name failed. */
export type MadeFile = 'made' | (PassedError & { readonly staged: boolean });

export interface MakeReport {
  readonly buffer: ArrayBuffer;
  readonly files: readonly MadeFile[];
}
