import { join } from 'node:path';
import type { AgentStatus } from '../agent-api.ts';
import type { ClassicPeers } from '../catalogue/classic-peers.ts';
import { MAX_DEVICE_ENTRIES } from '../catalogue/index-receiver.ts';
import type { PeerCatalogue } from '../catalogue/peer-catalogue.ts';
import type { Settings } from '../config/settings.ts';
import type { CompartidosError, ErrorCode } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { DATABASE_FILE } from '../index/database.ts';
import type { EntryStore } from '../index/entry-store.ts';
import type { SkippedFile } from '../index/skipped-files.ts';
import type { FolderIndex } from '../index/folder-index.ts';
import { formatDeviceId, SHOWN_ID_LENGTH, type DeviceId } from '../model/device-id.ts';
import { isNamed } from '../model/device-naming.ts';
import { isNamedBy, type RulePeer } from '../sync/rule.ts';
import { classicNames } from '../transfer/classic-rules.ts';
import type { DownloadView } from '../transfer/download.ts';
import type { Downloads } from '../transfer/downloads.ts';
import type { RuleRunner } from '../transfer/rule-runner.ts';
import type { ReleaseWatch } from '../transport/release-watch.ts';
import type { Sessions } from '../transport/sessions.ts';
import type { TwinWatch } from '../transport/twin-watch.ts';

export interface StatusParts {
  readonly self: DeviceId;
  readonly settings: Settings;
  /** What may have changed since the start: the display name, and the rules. */
  readonly current: Pick<Settings, 'name' | 'rules'>;
  /** The config file, absolute. */
  readonly config: string;
  /** What is wrong with it now. */
  readonly configProblem: CompartidosError | undefined;
  readonly network: Sessions;
  readonly twins: TwinWatch;
  readonly releases: ReleaseWatch;
  readonly classicPeers: ClassicPeers;
  readonly catalogue: PeerCatalogue;
  readonly index: FolderIndex;
  readonly store: EntryStore;
  readonly downloads: Downloads;
  readonly rules: RuleRunner;
}

/** Entries from which on a person is told that others will not take them all before long. */
const MANY_ENTRIES = 0.75 * MAX_DEVICE_ENTRIES;
/** Files of one kind that are named; the others are counted. */
const NAMED = 5;
/** Nobody wonders why the others do not see these. */
const EXPECTED_TO_BE_SKIPPED: ReadonlySet<SkippedFile['reason']> = new Set([
  'private',
  'special',
  'link-outside',
  'link-invalid',
]);

/** How the agent is, now. */
export function agentStatus(parts: StatusParts): AgentStatus {
  const { self, settings, current, config, network, twins, releases, classicPeers } = parts;
  const { catalogue, index, store, downloads, rules } = parts;
  const { shortage } = catalogue;
  const classic = classicPeers.peers().filter(({ online }) => online);
  return {
    id: formatDeviceId(self),
    name: current.name,
    version: VERSION,
    pid: process.pid,
    port: network.localPort,
    folder: settings.folder,
    config,
    access: settings.access,
    ready: index.isReady,
    peers: network.sessions().length + classic.length,
    files: store.totals().files,
    reading: index.reading,
    transfers: downloads.active,
    problems: [
      ...brokenConfig(parts.configProblem),
      ...twins.problems,
      ...releases.problems,
      ...index.problems.map(({ code, params }) => ({ event: `error.${code}`, fields: params })),
      ...tooMany(store, settings.stateFolder),
      ...corruptFiles(store),
      ...skippedFiles(index.skipped()),
      ...diskProblems(downloads.list(), new Set(index.problems.map(({ code }) => code))),
      ...(shortage ? [{ event: 'catalogue.no-room', fields: { reason: shortage } }] : []),
      ...unseenDevices(
        current.rules,
        [...catalogue.peers(), { name: current.name, device: self }],
        classicPeers.peers().flatMap(classicNames),
      ),
      ...namesakes(current.rules, catalogue.peers()),
      ...rules.stopped().map(({ rule, count }) => ({ event: 'rule.stopped', fields: { rule, count } })),
    ],
  };
}

/** Another configuration than the one in the file is in force. */
export function brokenConfig(problem: CompartidosError | undefined): AgentStatus['problems'] {
  return problem ? [{ event: 'config.broken', fields: { ...problem.params, error: problem.code } }] : [];
}

/** What was deleted is told of for ever, since a device that was away may still have it. */
export function tooMany(store: Pick<EntryStore, 'totals'>, stateFolder: string): AgentStatus['problems'] {
  const count = store.totals().entries;
  if (count < MANY_ENTRIES) return [];
  const file = join(stateFolder, DATABASE_FILE);
  return [{ event: 'index.too-many', fields: { count, limit: MAX_DEVICE_ENTRIES, file } }];
}

function corruptFiles({ corrupt }: EntryStore): AgentStatus['problems'] {
  const named = corrupt.first(NAMED).map((path) => ({ event: 'file.corrupt', fields: { path } }));
  return withRest(named, corrupt.count, 'check.more-corrupt');
}

/** What lies in the folder and others do not see. */
export function skippedFiles(skipped: readonly SkippedFile[]): AgentStatus['problems'] {
  const missed = skipped.filter(({ reason }) => !EXPECTED_TO_BE_SKIPPED.has(reason));
  const named = missed
    .slice(0, NAMED)
    .map(({ path, reason }) => ({ event: 'file.skipped', fields: { path, reason } }));
  return withRest(named, missed.length, 'file.more-skipped');
}

/** Of `count` problems those that are named, and one, `event`, that counts the rest. */
function withRest(named: AgentStatus['problems'], count: number, event: string): AgentStatus['problems'] {
  const rest = count - named.length;
  return rest > 0 ? [...named, { event, fields: { count: rest } }] : named;
}

/**
 * What rules wait for in vain if it is a slip of the pen: devices that are neither among those that were `seen` ever nor
 * called like `classic` peers.
 */
export function unseenDevices(
  rules: Settings['rules'],
  seen: readonly RulePeer[],
  classic: readonly string[],
): AgentStatus['problems'] {
  const isSeen = (text: string) => seen.some((peer) => isNamedBy(peer, text)) || classic.includes(text);
  const unseen = rules.flatMap(({ match, from }) =>
    from
      .filter((text) => !isSeen(text))
      .map((name) => ({ event: 'rule.unseen-device', fields: { rule: match.join(', '), name } })),
  );
  return unseen.slice(0, NAMED);
}

/** Names in rules that several of the `known` devices give themselves: a rule follows them all, whichever was meant. */
export function namesakes(rules: Settings['rules'], known: readonly RulePeer[]): AgentStatus['problems'] {
  const shared = rules.flatMap(({ match, from }) =>
    from.flatMap((text) => {
      const bearers = known.filter(({ name }) => isNamed(name, text));
      if (bearers.length < 2) return [];
      const ids = bearers
        .slice(0, NAMED)
        .map(({ device }) => formatDeviceId(device).slice(0, SHOWN_ID_LENGTH));
      const fields = { rule: match.join(', '), name: text, count: bearers.length, ids: ids.join(', ') };
      return [{ event: 'rule.namesakes', fields }];
    }),
  );
  return shared.slice(0, NAMED);
}

/** Why downloads wait for the disk: one of each kind, but none that is `told` of already. */
export function diskProblems(
  downloads: readonly DownloadView[],
  told: ReadonlySet<ErrorCode>,
): AgentStatus['problems'] {
  const problems = new Map<string, AgentStatus['problems'][number]>();
  for (const { state, error } of downloads) {
    // What a person has paused has no error.
    if (state !== 'paused' || !error || told.has(error.code) || problems.has(error.code)) continue;
    problems.set(error.code, { event: `error.${error.code}`, fields: error.params });
  }
  return [...problems.values()];
}
