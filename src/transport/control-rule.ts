/**
 * Two devices that call each other at the same moment must end up with one control connection, the same one, and a
 * device that has lost its connection must get a new one although the other side has not noticed yet. Three habits
 * make that certain:
 *
 * - nobody sends a hello for control while it has a session with that device, nor a second one while the first waits
 *   for its answer;
 * - whoever is called decides, by the verdict below, and the answering hello says that it was accepted;
 * - the call of the device with the smaller id wins: the other accepts it whatever it has, and gives up its own.
 */
export type Verdict =
  /** Take it; our own call to that device, if one is under way, is given up. */
  | 'accept'
  /** Take it in place of the session that we have. */
  | 'replace'
  /** Ask over the session that we have: if that answers, they have crossed and this is refused, else it replaces it. */
  | 'probe'
  /** Our own call decides first. */
  | 'wait';

export interface Situation {
  /** Whether our id is the smaller one of the two. */
  readonly oursIsSmaller: boolean;
  /** The instance of the other device with which we have a session. */
  readonly sessionInstance: string | undefined;
  /** Whether a hello of our own to that device waits for its answer. */
  readonly isCalling: boolean;
  /** The instance that calls us. */
  readonly instance: string;
}

/** What to do with a hello for control. */
export function judgeCall({ oursIsSmaller, sessionInstance, isCalling, instance }: Situation): Verdict {
  if (sessionInstance === undefined) return isCalling && oursIsSmaller ? 'wait' : 'accept';
  if (sessionInstance !== instance) return 'replace';
  return oursIsSmaller ? 'probe' : 'replace';
}
