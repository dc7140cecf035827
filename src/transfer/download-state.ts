/** What a download is doing. */
export type DownloadState =
  'queued' | 'connecting' | 'transferring' | 'verifying' | 'paused' | 'done' | 'failed' | 'cancelled';

/** What happens to a download. */
export type DownloadEvent =
  /** It is its turn. */
  | 'started'
  /** The first bytes are here. */
  | 'received'
  /** All bytes are here; they are flushed and put in place. */
  | 'completed'
  | 'placed'
  /** It will be tried again by itself. */
  | 'interrupted'
  /** By a person, or by the disk. */
  | 'paused'
  | 'resumed'
  | 'gave-up'
  | 'cancelled';

const TRANSITIONS: Readonly<Record<DownloadState, Partial<Record<DownloadEvent, DownloadState>>>> = {
  queued: { started: 'connecting', paused: 'paused', 'gave-up': 'failed', cancelled: 'cancelled' },
  connecting: {
    received: 'transferring',
    completed: 'verifying',
    interrupted: 'queued',
    paused: 'paused',
    'gave-up': 'failed',
    cancelled: 'cancelled',
  },
  transferring: {
    completed: 'verifying',
    interrupted: 'queued',
    paused: 'paused',
    'gave-up': 'failed',
    cancelled: 'cancelled',
  },
  // It ends in a moment: only the disk stops it.
  verifying: { placed: 'done', interrupted: 'queued', paused: 'paused', 'gave-up': 'failed' },
  paused: { resumed: 'queued', cancelled: 'cancelled' },
  done: {},
  failed: { resumed: 'queued', cancelled: 'cancelled' },
  cancelled: {},
};

/** The state after `event`; undefined when it does not apply and changes nothing. */
export function nextState(state: DownloadState, event: DownloadEvent): DownloadState | undefined {
  return TRANSITIONS[state][event];
}

/** Whether a download in this state still has something to do, or a person to wait for. */
export function isActive(state: DownloadState): boolean {
  return state !== 'done' && state !== 'failed' && state !== 'cancelled';
}

/** Whether it is at work just now. */
export function isRunning(state: DownloadState): boolean {
  return state === 'connecting' || state === 'transferring' || state === 'verifying';
}
