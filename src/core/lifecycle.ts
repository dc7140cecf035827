/**
 * A part of the agent with a beginning and an end. Both calls are idempotent, and `stop` removes every
 * listener, timer, socket and file handle that the part has made.
 */
export interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}
