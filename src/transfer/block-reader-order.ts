import type { PassedError } from '../core/passed-error.ts';

/** Parts of small files for a worker to read. */
export interface ReadOrder {
  /** Into which it reads them: it belongs to the worker until the report. */
  readonly buffer: ArrayBuffer;
  readonly parts: readonly {
    readonly path: string;
    /** What the file must be: bytes, and µs since the Unix epoch. */
    readonly size: number;
    readonly mtimeUs: number;
    readonly offset: number;
    readonly length: number;
    /** Where in `buffer`. */
    readonly at: number;
  }[];
}

/** What became of one part. */
export type ReadResult = 'read' | 'changed' | PassedError;

/** Orders are reported in their order. */
export interface ReadReport {
  readonly buffer: ArrayBuffer;
  readonly parts: readonly ReadResult[];
}
