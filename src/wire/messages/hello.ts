import { ArrayReader } from '../array-reader.ts';
import { invalidMessage } from '../invalid.ts';
import {
  MAX_AGENT_BYTES,
  MAX_FEATURE_BYTES,
  MAX_FEATURES,
  MAX_INSTANCE_BYTES,
  MAX_NAME_BYTES,
  MAX_PORT,
  MAX_PROTOCOL_VERSION,
} from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { Hello } from './message.ts';

const ROLES: readonly Hello['role'][] = ['control', 'data'];
const FEATURE = /^[a-z0-9][a-z0-9.-]*$/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
/** What is shown to people must not move the cursor of their terminal. */
export const DISPLAYABLE = /^[^\p{Cc}]+$/u;

export function encodeHello(hello: Hello): WireValue {
  return [
    hello.versions.lowest,
    hello.versions.highest,
    ROLES.indexOf(hello.role),
    hello.features,
    hello.instance,
    hello.name,
    hello.agent,
    hello.port,
  ];
}

/** @throws MESSAGE_INVALID */
export function decodeHello(value: unknown): Hello {
  const reader = new ArrayReader('hello', value);
  const lowest = reader.integer('lowest', 1, MAX_PROTOCOL_VERSION);
  const highest = reader.integer('highest', lowest, MAX_PROTOCOL_VERSION);
  const role = reader.choice('role', ROLES);
  const features = decodeFeatures(reader.array('features', MAX_FEATURES));
  const instance = reader.formedText('instance', { least: 1, most: MAX_INSTANCE_BYTES }, PRINTABLE_ASCII);
  const name = reader.formedText('name', { least: 1, most: MAX_NAME_BYTES }, DISPLAYABLE);
  const agent = reader.formedText('agent', { least: 1, most: MAX_AGENT_BYTES }, DISPLAYABLE);
  const port = reader.integer('port', 1, MAX_PORT);
  return { type: 'hello', versions: { lowest, highest }, features, role, instance, name, agent, port };
}

function decodeFeatures(values: readonly unknown[]): string[] {
  const reader = new ArrayReader('hello.features', values);
  const features = values.map((_, index) =>
    reader.formedText(String(index), { least: 1, most: MAX_FEATURE_BYTES }, FEATURE),
  );
  if (new Set(features).size !== features.length) {
    throw invalidMessage('hello.features', 'each once', features);
  }
  return features;
}
