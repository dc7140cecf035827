/** Whole small files for a worker to read. */
export interface ReadOrder {
  readonly files: readonly {
    readonly path: string;
    /** What the file must be: bytes, and µs since the Unix epoch. */
    readonly size: number;
    readonly mtimeUs: number;
  }[];
}

/** What became of one file: its bytes, in memory of their own, or why there are none. */
export type ReadFile =
  Uint8Array<ArrayBuffer> | 'changed' | { readonly code: string | undefined; readonly message: string };

export interface ReadReport {
  readonly files: readonly ReadFile[];
}
