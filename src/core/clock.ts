/** A pending timer; `cancel` is idempotent and safe after it fired. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as the code sees it. Everything that waits or measures takes a Clock, so that tests and the
 * simulator decide when time passes.
 */
export interface Clock {
  /** Wall-clock time in ms since the Unix epoch. May jump. */
  now(): number;
  /** Monotonic time in ms from an arbitrary origin. Never jumps back; for durations and timeouts. */
  monotonic(): number;
  /** Calls `callback` once after `ms`. The timer does not keep the process alive. */
  after(ms: number, callback: () => void): Timer;
  /** Calls `callback` every `ms`. The timer does not keep the process alive. */
  every(ms: number, callback: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
