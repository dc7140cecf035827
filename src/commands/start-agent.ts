import type { Logger } from '../core/logger.ts';
import type { AgentApi } from '../agent-api.ts';
import type { SettingsOverrides } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';

/** How the command line starts the agent, which is given to it from above. */
export type StartAgent = (settings: Settings, options: StartAgentOptions) => Promise<RunningAgent>;

export interface StartAgentOptions {
  /** The config file, absolute; it may be missing. To be watched for changes. */
  readonly configFile: string;
  /** What the command line said over the config; still holds when the config is read again. */
  readonly overrides: SettingsOverrides;
  readonly logger: Logger;
}

export interface RunningAgent {
  readonly api: AgentApi;
  /** Resolves when everything has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}
