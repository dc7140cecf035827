import { AgentService } from '../../src/agent/agent-service.ts';
import { Keeping } from '../../src/agent/keeping.ts';
import { StartInOrder } from '../../src/agent/start-in-order.ts';
import { Transfers } from '../../src/agent/transfers.ts';
import type { AgentApi } from '../../src/agent-api.ts';
import { ClassicPeers } from '../../src/catalogue/classic-peers.ts';
import { IndexExchange } from '../../src/catalogue/index-exchange.ts';
import { PeerCatalogue } from '../../src/catalogue/peer-catalogue.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import type { Database } from '../../src/index/database.ts';
import { DocumentStore } from '../../src/index/document-store.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { FolderIndex } from '../../src/index/folder-index.ts';
import type { FolderWatcher } from '../../src/index/folder-watcher.ts';
import { InlineHasher } from '../../src/index/inline-hasher.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import { PlainBlockReader } from '../../src/transfer/block-reader.ts';
import { Conflicts } from '../../src/transfer/conflicts.ts';
import type { Downloads } from '../../src/transfer/downloads.ts';
import { PlainFileMaker } from '../../src/transfer/file-maker.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { RuleRunner } from '../../src/transfer/rule-runner.ts';
import { OwnSyncRules } from '../../src/transfer/own-sync-rules.ts';
import { RuleTelling } from '../../src/transfer/rule-telling.ts';
import { Trash } from '../../src/transfer/trash.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

/** Wraps parts of a device, so as to plant a bug into it. */
export interface Sabotage {
  readonly fileSystem?: (files: FileSystem) => FileSystem;
  readonly discard?: (discard: Trash['discard'], files: FileSystem) => Trash['discard'];
  readonly index?: (index: FolderIndex) => FolderIndex;
}

export interface ProcessParts {
  readonly self: DeviceId;
  readonly settings: Settings;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly logger: Logger;
  readonly fileSystem: FileSystem;
  readonly database: Database;
  readonly watcher: () => FolderWatcher;
  readonly network: SimulatedNetwork;
  readonly sabotage: Sabotage;
}

/** One run of the agent on a device: what is real of it. */
export interface SimulatedProcess {
  readonly clock: SimulatedClock;
  readonly network: SimulatedNetwork;
  readonly store: EntryStore;
  readonly index: FolderIndex;
  readonly catalogue: PeerCatalogue;
  readonly downloads: Downloads;
  readonly rules: RuleRunner;
  readonly ownSyncRules: OwnSyncRules;
  readonly api: AgentApi;
  readonly parts: StartInOrder;
}

/** Puts an agent together, as `agent.ts` does. */
export function buildProcess(given: ProcessParts): SimulatedProcess {
  const { settings, clock, fileSystem, database, watcher, network, sabotage, ...others } = given;
  const { folder } = settings;
  const common = { ...others, settings, clock, access: openAccess, fileSystem, folder };
  const table = new EntryTable(database);
  const store = new EntryStore(database, table);
  const hasher = new InlineHasher(fileSystem);
  const indexParts = { ...common, store, hasher, watcher, files: fileSystem, memory: database };
  const index = (sabotage.index ?? identity)(new FolderIndex(indexParts));
  const remote = new RemoteStore(database, table);
  const catalogue = new PeerCatalogue({ ...common, network, remote, rows: new RowReader(database) });
  const { queryIntervalMs } = settings.discovery;
  const exchange = new IndexExchange({ ...common, network, index, catalogue, queryIntervalMs });
  const trash = new Trash({
    ...common,
    ...{ index, limits: settings.trash },
    documents: new DocumentStore(database, 'trash-clock'),
  });
  if (sabotage.discard) trash.discard = sabotage.discard(trash.discard.bind(trash), fileSystem);
  const transfers = new Transfers({
    ...common,
    ...{ network, catalogue, index },
    reader: new PlainBlockReader(fileSystem),
    maker: new PlainFileMaker(fileSystem),
    documents: new DocumentStore(database, 'download'),
    classic: { content: noClassicPeer, search: noClassicPeer },
    trash,
  });
  const { downloads, gate } = transfers;
  const ownEntries = () => store.allFacts();
  const ownSyncRules = new OwnSyncRules({
    ...{ index, ownEntries, clock },
    rules: settings.rules,
    isReady: () => index.isReady,
    rescan: () => index.rescan(),
    documents: new DocumentStore(database, 'sync-rule'),
  });
  const telling = new RuleTelling({ network, clock, own: ownSyncRules });
  const rules = new RuleRunner({
    ...common,
    ...{ catalogue, index, downloads, gate, ownEntries, telling },
    changes: new LocalChanges({ ...common, index, catalogue, gate, trash }),
    rules: settings.rules,
    isReady: () => index.isReady,
    ignores: (path, isFolder) => index.ignores(path, isFolder),
    documents: new DocumentStore(database, 'stopped-rule'),
  });
  const conflicts = new Conflicts({ ...common, index, ownEntries, gate, trash });
  const name = () => settings.name;
  const queries = { probe: noClassicPeer, search: noClassicPeer };
  const api = new AgentService({
    ...{ catalogue, index, downloads, gate },
    stateFolder: settings.stateFolder,
    classicPeers: new ClassicPeers({ ...common, queries, intervalMs: queryIntervalMs }),
    keeping: new Keeping({ ...common, index, catalogue, name, trash, conflicts, rules }),
    releaseRules: () => rules.release(),
    status: nobodyAsks,
    stop: nobodyAsks,
  });
  const all = [index, catalogue, exchange, trash, ...transfers.parts, ownSyncRules, telling, rules, network];
  const parts = new StartInOrder(all);
  return { clock, network, store, index, catalogue, downloads, rules, ownSyncRules, api, parts };
}

function noClassicPeer(): never {
  throw new Error('there are no classic peers');
}

function nobodyAsks(): never {
  throw new Error('nobody asks that here');
}

function identity<Value>(value: Value): Value {
  return value;
}
