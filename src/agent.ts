import { AgentService } from './agent/agent-service.ts';
import { classicQueries, classicTransfers } from './agent/classic-calls.ts';
import { ClassicShare } from './agent/classic-share.ts';
import { Finding } from './agent/finding.ts';
import { agentStatus, tooMany } from './agent/status.ts';
import { FaceEvents } from './agent/face-events.ts';
import { Keeping } from './agent/keeping.ts';
import { StartInOrder } from './agent/start-in-order.ts';
import { Transfers } from './agent/transfers.ts';
import { ClassicPeers } from './catalogue/classic-peers.ts';
import { IndexExchange } from './catalogue/index-exchange.ts';
import { PeerCatalogue } from './catalogue/peer-catalogue.ts';
import { PeerTelling } from './catalogue/peer-telling.ts';
import type { RunningAgent, StartAgentOptions } from './commands/start-agent.ts';
import type { Settings } from './config/settings.ts';
import { SettingsWatcher } from './config/settings-watcher.ts';
import { systemRandom } from './core/random.ts';
import { systemClock } from './core/system-clock.ts';
import { VERSION } from './core/version.ts';
import { WorkerFileSystem } from './core/worker-file-system.ts';
import { BackgroundCheck } from './index/background-check.ts';
import { ChokidarWatcher } from './index/chokidar-watcher.ts';
import { DocumentStore } from './index/document-store.ts';
import { EntryStore } from './index/entry-store.ts';
import { EntryTable } from './index/entry-table.ts';
import { openDatabaseOf } from './index/folder-database.ts';
import { FolderIndex } from './index/folder-index.ts';
import { PatientDocuments } from './index/patient-documents.ts';
import { RemoteStore } from './index/remote-store.ts';
import { RowReader } from './index/row-reader.ts';
import { TreeWatcher } from './index/tree-watcher.ts';
import { WorkerHasher } from './index/worker-hasher.ts';
import { shortDeviceId } from './model/device-id.ts';
import { openAccess } from './security/access-policy.ts';
import { identityFolderOf, loadIdentity } from './security/identity.ts';
import { ClassicRules } from './transfer/classic-rules.ts';
import { Conflicts } from './transfer/conflicts.ts';
import { LocalChanges } from './transfer/local-changes.ts';
import { OwnSyncRules } from './transfer/own-sync-rules.ts';
import { RuleRunner } from './transfer/rule-runner.ts';
import { RuleTelling } from './transfer/rule-telling.ts';
import { Trash } from './transfer/trash.ts';
import { WorkerBlockReader } from './transfer/worker-block-reader.ts';
import { WorkerFileMaker } from './transfer/worker-file-maker.ts';
import { ClassicCallers } from './transport/classic-callers.ts';
import { ReleaseWatch } from './transport/release-watch.ts';
import { Sessions } from './transport/sessions.ts';
import { TwinWatch } from './transport/twin-watch.ts';

/**
 * Builds the parts of an agent, from the disk to the network, and starts them in that order.
 * @throws STATE_LOCKED, STATE_UNWRITABLE, STATE_TOO_NEW, IDENTITY_UNREADABLE, FOLDER_MISSING, PORT_IN_USE, PORT_FORBIDDEN
 */
export async function startAgent(settings: Settings, options: StartAgentOptions): Promise<RunningAgent> {
  const { logger } = options;
  const { stateFolder, folder } = settings;
  const clock = systemClock;
  const random = systemRandom;
  const access = openAccess;
  const fileSystem = new WorkerFileSystem(clock);

  const database = await openDatabaseOf({ stateFolder, folder, files: fileSystem, clock, random, logger });
  try {
    return await build();
  } catch (error) {
    database.close();
    throw error;
  }

  async function build(): Promise<RunningAgent> {
    const identity = await loadIdentity(stateFolder);
    const self = identity.device;
    const common = { self, settings, clock, random, logger, access, fileSystem };
    const settingsWatcher = new SettingsWatcher({ ...options, file: options.configFile, settings, clock });

    const table = new EntryTable(database);
    const store = new EntryStore(database, table);
    const remote = new RemoteStore(database, table);
    const hasher = new WorkerHasher(clock, fileSystem);
    const watcher = () => (process.platform === 'win32' ? new TreeWatcher(folder) : new ChokidarWatcher());
    const index = new FolderIndex({
      ...common,
      folder,
      configFile: options.configFile,
      store,
      hasher,
      watcher,
      files: fileSystem,
      memory: database,
    });
    const share = settings.classic ? new ClassicShare({ store, index, fileSystem }) : undefined;

    const classicCallers = new ClassicCallers({
      ...{ policy: access, clock, logger, files: share },
      pace: (...wanted) => transfers.bandwidth.pass('up', ...wanted),
    });
    const twins = new TwinWatch({ clock, logger, identityFolder: identityFolderOf(stateFolder) });
    const releases = new ReleaseWatch(clock, logger);
    const network = new Sessions({
      ...common,
      ...{ identity, twins, releases },
      name: () => settingsWatcher.current.name,
      agent: `compartidos ${VERSION}`,
      port: settings.port,
      onClassic: (socket, firstBytes) => classicCallers.receive(socket, firstBytes),
    });
    const { minFree } = settings;
    const rows = new RowReader(database);
    const catalogue = new PeerCatalogue({ ...common, network, remote, rows, minFree });
    const { queryIntervalMs } = settings.discovery;
    const exchange = new IndexExchange({ ...common, network, index, catalogue, queryIntervalMs });
    const telling = new PeerTelling({ network, clock });
    const classicPeers = new ClassicPeers({
      ...common,
      queries: classicQueries(clock),
      intervalMs: queryIntervalMs,
    });
    const maker = new WorkerFileMaker(fileSystem, clock);
    const reader = new WorkerBlockReader(fileSystem, clock);
    const kept: PatientDocuments[] = [];
    const documents = (kind: string) => {
      const one = new PatientDocuments(new DocumentStore(database, kind), { clock, logger });
      kept.push(one);
      return one;
    };
    const trash = new Trash({
      ...common,
      ...{ folder, index, limits: settings.trash },
      documents: documents('trash-clock'),
    });
    const transfers = new Transfers({
      ...common,
      ...{ network, catalogue, index, maker, reader },
      documents: documents('download'),
      classic: classicTransfers(clock),
      trash,
    });
    const { downloads } = transfers;
    const classicRules = new ClassicRules({
      ...common,
      classicPeers,
      index,
      downloads,
      rules: settings.rules,
    });
    const { gate } = transfers;
    const ownEntries = () => store.allFacts();
    const ownSyncRules = new OwnSyncRules({
      ...{ index, ownEntries, clock },
      rules: settings.rules,
      isReady: () => index.isReady,
      rescan: () => index.rescan(),
      documents: documents('sync-rule'),
    });
    const ruleTelling = new RuleTelling({ network, clock, own: ownSyncRules });
    const changes = new LocalChanges({ ...common, index, catalogue, gate, folder, trash });
    const rules = new RuleRunner({
      ...common,
      ...{ catalogue, index, ownEntries, downloads, changes, gate },
      telling: ruleTelling,
      rules: settings.rules,
      isReady: () => index.isReady,
      ignores: (path, isFolder) => index.ignores(path, isFolder),
      documents: documents('stopped-rule'),
    });
    const conflicts = new Conflicts({ ...common, index, ownEntries, gate, folder, trash });
    const keeping = new Keeping({
      ...{ self, index, catalogue, trash, conflicts, rules },
      name: () => settingsWatcher.current.name,
    });
    const status = () =>
      agentStatus({
        ...{
          self,
          settings,
          index,
          network,
          twins,
          releases,
          classicPeers,
          catalogue,
          store,
          downloads,
          rules,
        },
        current: settingsWatcher.current,
        config: options.configFile,
        configProblem: settingsWatcher.problem,
      });
    const service = new AgentService({
      stateFolder,
      catalogue,
      classicPeers,
      index,
      downloads,
      gate,
      keeping,
      releaseRules: () => rules.release(),
      status,
      stop: () => void stop(),
    });
    const faces = new FaceEvents({
      events: service.events,
      catalogue,
      classicPeers,
      index,
      downloads,
      clock,
    });
    const check = new BackgroundCheck({
      ...{ clock, logger, store, contents: index.contents, memory: database },
      isBusy: () => index.isBusy || transfers.isBusy,
    });
    const finding = new Finding({ ...common, network, catalogue, telling, classicPeers });
    const parts = new StartInOrder([
      fileSystem,
      settingsWatcher,
      hasher,
      index,
      catalogue,
      exchange,
      telling,
      classicPeers,
      ...kept,
      trash,
      maker,
      reader,
      ...transfers.parts,
      ownSyncRules,
      ruleTelling,
      rules,
      classicRules,
      faces,
      classicCallers,
      network,
      finding,
      check,
    ]);
    settingsWatcher.events.on('changed', (changed) => {
      transfers.configure(changed);
      catalogue.configure(changed.minFree);
      ownSyncRules.configure(changed.rules);
      rules.configure(changed.rules);
      classicRules.configure(changed.rules);
      trash.configure(changed.trash);
      finding.rename(changed.name);
    });
    index.events.once('ready', () => {
      const { reading } = index;
      logger.info('agent.ready', { files: store.totals().files, ...(reading > 0 ? { reading } : {}) });
      for (const { event, fields } of tooMany(store, stateFolder)) logger.warn(event, fields);
    });
    await parts.start();
    logger.info('agent.started', {
      name: settings.name,
      device: shortDeviceId(self),
      folder,
      port: network.localPort,
    });
    logger.info('access.open');

    let finish!: () => void;
    const stopped = new Promise<void>((resolve) => (finish = resolve));
    let stopping: Promise<void> | undefined;
    return { api: service, stopped };

    /** Idempotent. */
    function stop(): Promise<void> {
      stopping ??= (async () => {
        try {
          await parts.stop();
          logger.info('agent.stopped');
        } catch (error) {
          logger.error('agent.stop-failed', { message: String(error) });
        } finally {
          service.close();
          database.close();
          finish();
        }
      })();
      return stopping;
    }
  }
}
