/** What scripted-worker.ts is to do. */
export interface ScriptedOrder {
  readonly act: 'report' | 'throw' | 'exit' | 'spin';
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Its answer to `report`: which thread has got how many bytes, and its priority as `os.getPriority` gives it. */
export interface ScriptedReport {
  readonly thread: number;
  readonly bytes: number;
  readonly priority: number;
}

export const SCRIPTED_WORKER = new URL('./scripted-worker.js', import.meta.url);
