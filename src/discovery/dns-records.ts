/** A DNS resource record as the decoder leaves it: of the shape that its type has, but with a stranger's values. */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  /** s */
  readonly ttl: number;
  readonly data: unknown;
}

export interface DnsQuestion {
  /** Lower case. */
  readonly name: string;
  readonly type: string;
}

/** Records and questions of one packet that are looked at; a packet of ours has fewer than a hundred. */
const MAX_RECORDS = 512;
const MAX_QUESTIONS = 64;
/** RFC 1035 section 2.3.4. */
const MAX_NAME = 255;

/** The records of a decoded packet in the sections `names` that are well formed, names in lower case. */
export function recordsOf(packet: unknown, ...names: readonly ('answers' | 'additionals')[]): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (const section of names) {
    for (const item of listOf(packet, section)) {
      if (records.length === MAX_RECORDS) return records;
      const record = recordOf(item);
      if (record) records.push(record);
    }
  }
  return records;
}

/** The questions of a decoded packet that are well formed. */
export function questionsOf(packet: unknown): DnsQuestion[] {
  const questions: DnsQuestion[] = [];
  for (const item of listOf(packet, 'questions').slice(0, MAX_QUESTIONS)) {
    if (!isObject(item) || typeof item['name'] !== 'string' || item['name'].length > MAX_NAME) continue;
    if (typeof item['type'] !== 'string') continue;
    questions.push({ name: item['name'].toLowerCase(), type: item['type'] });
  }
  return questions;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function listOf(packet: unknown, section: string): readonly unknown[] {
  if (!isObject(packet)) return [];
  const list = packet[section];
  return Array.isArray(list) ? list : [];
}

function recordOf(item: unknown): DnsRecord | undefined {
  if (!isObject(item)) return undefined;
  const { name, type, ttl, data } = item;
  if (typeof name !== 'string' || name.length > MAX_NAME || typeof type !== 'string') return undefined;
  if (typeof ttl !== 'number') return undefined;
  return { name: name.toLowerCase(), type, ttl, data };
}
