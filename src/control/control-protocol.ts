import { z } from 'zod';
import type { AgentApi, AgentEvents } from '../agent-api.ts';

/**
 * What goes over the local socket: JSON values, a line each. The client sends requests
 * `{"id": 1, "method": "find", "params": ["*.pdf"]}`, any number of them at once; each is answered, in any order, with
 * `{"id": 1, "result": …}` or `{"id": 1, "error": {"code", "params"}}`. After the request `subscribe` the server also
 * sends `{"event": "download", "args": […]}`. A line that is not a request is answered with the id null, and ends
 * the connection. However long an answer takes, the server shows that it lives with the line `{"alive": true}`.
 */

/** ms between two signs of life of the server. */
export const SIGN_OF_LIFE_MS = 2000;
/** A server that has sent nothing for so many ms is stuck, or was suspended. */
export const MAX_SILENCE_MS = 10_000;

/** UTF-16 code units of a request. */
export const MAX_REQUEST_LENGTH = 1024 * 1024;

const MAX_TEXT = 4096;
const MAX_ITEMS = 10_000;

const text = z.string().max(MAX_TEXT);
const ids = z.array(text).max(MAX_ITEMS);
const selectors = z.array(z.strictObject({ path: text, hash: text.nullable().optional() })).max(MAX_ITEMS);
const nothing = z.tuple([]);

export const requestSchema = z.strictObject({
  id: z.int().min(0),
  method: z.string().max(40),
  params: z.array(z.unknown()).max(4).default([]),
});

export type Request = z.infer<typeof requestSchema>;

interface Method {
  /** @throws ZodError when the params are not those of the method. */
  call(api: AgentApi, params: unknown): Promise<unknown>;
}

function method<Params extends z.ZodType>(
  params: Params,
  call: (api: AgentApi, params: z.output<Params>) => Promise<unknown>,
): Method {
  return { call: async (api, given) => call(api, params.parse(given)) };
}

/** The methods of AgentApi, each with what it takes. */
export const METHODS: Readonly<Record<Exclude<keyof AgentApi, 'events'>, Method>> = {
  status: method(nothing, (api) => api.status()),
  peers: method(nothing, (api) => api.peers()),
  list: method(z.union([nothing, z.tuple([text])]), (api, [glob]) => api.list(glob)),
  find: method(z.tuple([text]), (api, [query]) => api.find(query)),
  get: method(z.tuple([selectors, z.strictObject({ from: text.optional() })]), (api, [wanted, { from }]) =>
    api.get(
      wanted.map(({ path, hash }) => (hash === undefined ? { path } : { path, hash })),
      from === undefined ? {} : { from },
    ),
  ),
  queue: method(nothing, (api) => api.queue()),
  pause: method(z.tuple([ids]), (api, [which]) => api.pause(which)),
  resume: method(z.tuple([ids]), (api, [which]) => api.resume(which)),
  cancel: method(z.tuple([ids]), (api, [which]) => api.cancel(which)),
  stop: method(nothing, (api) => api.stop()),
  conflicts: method(nothing, (api) => api.conflicts()),
  resolve: method(z.tuple([text, z.enum(['ours', 'theirs'])]), (api, [path, keep]) =>
    api.resolve(path, keep),
  ),
  trash: method(nothing, (api) => api.trash()),
  restore: method(z.tuple([text]), (api, [id]) => api.restore(id)),
  check: method(nothing, (api) => api.check()),
  testRules: method(nothing, (api) => api.testRules()),
};

/** The events that a subscriber gets. */
export const EVENTS = ['peer', 'download', 'files'] as const satisfies readonly (keyof AgentEvents)[];
