import type { DeviceId } from '../model/device-id.ts';
import type { DnsQuestion, DnsRecord } from './dns-records.ts';
import { ENUMERATION_NAME, hostName, instanceName, SERVICE_NAME } from './service-name.ts';

/** RFC 6762 section 6: a record is not multicast again within a second of its last time. */
const QUIET_MS = 1000;
/** The type of PTR records' time to live is the library's: 28,800 s. Half of it must be left (section 7.1). */
const KNOWN_TTL_S = 14_400;

/**
 * Which questions are answered, and when. However often something is asked, it is answered once a second: answers are
 * multicast, so everybody hears them. Times are ms on a monotonic clock.
 */
export class AnswerLimit {
  readonly #names: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #instance: string;
  /** When each question was, or will be, answered. The keys are few: our names and their types. */
  readonly #answered = new Map<string, number>();

  constructor(device: DeviceId) {
    this.#instance = instanceName(device);
    this.#names = new Map([
      [SERVICE_NAME, new Set(['PTR', 'ANY'])],
      [ENUMERATION_NAME, new Set(['PTR', 'ANY'])],
      [this.#instance, new Set(['SRV', 'TXT', 'ANY'])],
      [hostName(device).toLowerCase(), new Set(['A', 'AAAA', 'ANY'])],
    ]);
  }

  /**
   * The ms after which to answer `question`; undefined when it is not ours, the asker knows the answer already
   * (`known`, the answer section of the query), or the answer is on its way to somebody else.
   */
  delay(question: DnsQuestion, known: readonly DnsRecord[], now: number): number | undefined {
    const { name, type } = question;
    if (!this.#names.get(name)?.has(type)) return undefined;
    if (name === SERVICE_NAME && known.some((record) => this.#isOurPointer(record))) return undefined;
    const key = `${type} ${name}`;
    const last = this.#answered.get(key) ?? -Infinity;
    if (last > now) return undefined;
    const at = Math.max(now, last + QUIET_MS);
    this.#answered.set(key, at);
    return at - now;
  }

  #isOurPointer({ type, ttl, data }: DnsRecord): boolean {
    return (
      type === 'PTR' &&
      ttl >= KNOWN_TTL_S &&
      typeof data === 'string' &&
      data.toLowerCase() === this.#instance
    );
  }
}
