import type { LimitSettings } from '../../src/config/settings.ts';

/** Speeds without a limit, and a few downloads at a time. */
export const noLimits: LimitSettings = {
  downloads: 4,
  downloadsPerPeer: 2,
  down: undefined,
  up: undefined,
  perPeer: undefined,
  schedule: [],
};
