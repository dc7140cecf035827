import type { Catalogue } from '../catalogue/catalogue.ts';
import type { LimitSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { shortDeviceId } from '../model/device-id.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import type { Network } from '../transport/network.ts';
import { runClassic } from './classic-run.ts';
import type { ClassicRunParts } from './classic-run.ts';
import { DiskProbe } from './disk-probe.ts';
import { isFinal } from './disk-trouble.ts';
import { Download } from './download.ts';
import type { DownloadOrder, DownloadView } from './download.ts';
import { DownloadAttempts } from './download-attempts.ts';
import { DownloadIds } from './download-ids.ts';
import { DownloadKeeper } from './download-keeper.ts';
import { DownloadLanes } from './download-lanes.ts';
import { isOlder, isSameOrder, isSameVersion } from './download-match.ts';
import { DownloadRegister } from './download-register.ts';
import type { DownloadDocuments } from './download-records.ts';
import type { ClassicRequest, DownloadRequest } from './download-request.ts';
import { DownloadRun } from './download-run.ts';
import type { RunParts } from './download-run.ts';
import type { FolderGate } from './folder-gate.ts';
import type { Interruption } from './interruption.ts';
import { isActive, isRunning } from './download-state.ts';
import { otherSize } from './other-size.ts';

export interface DownloadsParts extends Omit<RunParts, 'nameOf'>, ClassicRunParts {
  readonly gate: FolderGate;
  readonly network: Network;
  readonly catalogue: Catalogue;
  readonly documents: DownloadDocuments;
  readonly limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface DownloadHandle {
  readonly id: string;
  view(): DownloadView;
  /** Resolves, never rejects, with the view once it is done, failed or cancelled. */
  readonly finished: Promise<DownloadView>;
}

export type DownloadsEvents = {
  /** Changes within one turn are told once; whoever wants to see them asks. */
  changed: [download: Pick<DownloadHandle, 'id' | 'view'>];
};

/** All downloads: takes orders, keeps them between runs, and tells how they get on. */
export class Downloads implements Startable {
  readonly events = new Emitter<DownloadsEvents>();
  readonly #parts: DownloadsParts;
  readonly #runParts: RunParts;
  readonly #ids: DownloadIds;
  readonly #register = new DownloadRegister();
  readonly #lanes: DownloadLanes;
  readonly #keeper: DownloadKeeper;
  readonly #attempts: DownloadAttempts;
  readonly #changed = new Set<Download>();
  #removers: (() => void)[] = [];
  #started = false;

  constructor(parts: DownloadsParts) {
    const { clock, random, logger, documents, incoming } = parts;
    this.#parts = parts;
    const nameOf = (device: DeviceId) => parts.catalogue.peer(device)?.name ?? shortDeviceId(device);
    this.#runParts = { ...parts, nameOf };
    this.#ids = new DownloadIds(random);
    this.#lanes = new DownloadLanes(parts.limits);
    this.#keeper = new DownloadKeeper(documents, clock);
    const probe = new DiskProbe(parts);
    this.#attempts = new DownloadAttempts({
      clock,
      random,
      logger,
      lanes: this.#lanes,
      run: (download, interruption) => this.#run(download, interruption),
      discard: ({ id }) => incoming.discard(id),
      diskRecovered: (error, download) => probe.recovered(error, download),
      changed: (download) => this.#tell(download),
    });
  }

  /** Takes up what an earlier run left, and removes what it left of downloads that nobody knows. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    for (const download of this.#keeper.load()) this.#register.add(download);
    const { incoming, network, catalogue, gate } = this.#parts;
    if (gate.isOpen) {
      await incoming.prepare();
      await incoming.clean(new Set(this.#register.all().map(({ id }) => id)));
    }
    this.#removers = [
      network.events.on('connected', ({ device }) => {
        this.#attempts.wake(({ order }) => order.devices.includes(device));
      }),
      catalogue.events.on('changed', (device, entries) => this.#announced(device, entries)),
    ];
    for (const download of this.#register.all()) {
      if (download.state === 'queued') this.#attempts.enqueue(download);
    }
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    await this.#attempts.stop();
    this.#keeper.flush();
    this.events.removeAllListeners();
  }

  configure(limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>): void {
    this.#lanes.configure(limits);
  }

  /** Queues a download. The same content for the same target is the same download. */
  request(request: DownloadRequest): DownloadHandle {
    return this.#order({ ...request, classic: undefined, ruleId: request.ruleId, mode: request.mode });
  }

  /** Queues a file of a classic peer. */
  requestClassic(request: ClassicRequest): DownloadHandle {
    const { host, port, name, target, reason, ruleId } = request;
    return this.#order({
      path: name,
      target,
      content: undefined,
      devices: [],
      classic: { host, port, name },
      reason,
      ruleId,
      priority: 0,
      mode: ruleId === undefined ? undefined : 'fetch',
    });
  }

  /** Writes down what has been asked for: from then on it outlives this process. */
  keep(): void {
    this.#keeper.flush();
  }

  /** What rules have asked peers for, now or in an earlier run, and is not over. */
  ofRules(): {
    readonly handle: DownloadHandle;
    readonly content: FileEntry;
    readonly target: RelativePath;
  }[] {
    return this.#register.all().flatMap((download) => {
      const { reason, content, target } = download.order;
      if (reason !== 'rule' || !content || !isActive(download.state)) return [];
      return { handle: this.#handle(download), content, target };
    });
  }

  /** In the order of the requests; those that ended are remembered for a while. */
  list(): DownloadView[] {
    return this.#register.all().map((download) => this.#view(download));
  }

  /** How many are not done, failed or cancelled. */
  get active(): number {
    return this.#register.active;
  }

  /** Whether something is being fetched. */
  get isBusy(): boolean {
    return this.#attempts.isBusy;
  }

  /** Those named, or all when `ids` is empty. @throws NOT_FOUND */
  pause(ids: readonly string[]): DownloadView[] {
    return this.#each(ids, (download) => {
      // It ends in a moment anyhow.
      if (download.state === 'verifying') return;
      if (download.state === 'paused') download.pauseCause = 'person';
      else if (download.apply('paused')) download.pauseCause = 'person';
      else return;
      download.error = undefined;
      this.#attempts.interrupt(download);
    });
  }

  /** Also gives those that failed another chance, when they are named. @throws NOT_FOUND */
  resume(ids: readonly string[]): DownloadView[] {
    return this.#each(ids, (download) => {
      if (ids.length === 0 && download.state === 'failed') return;
      if (download.apply('resumed')) this.#again(download);
    });
  }

  /** @throws NOT_FOUND */
  cancel(ids: readonly string[]): DownloadView[] {
    return this.#each(ids, (download) => {
      if (download.apply('cancelled')) this.#attempts.interrupt(download);
    });
  }

  #order(order: DownloadOrder): DownloadHandle {
    const there = this.#register.at(order.target);
    const same = there.find((download) => isSameOrder(download, order)) ?? there.find(isSameVersion(order));
    if (same) {
      this.#join(same, order);
      return this.#handle(same);
    }
    const older = there.find((download) => isOlder(download, order));
    if (older) {
      this.#restart(older, order);
      return this.#handle(older);
    }
    const download = new Download(this.#ids.next(), order);
    this.#register.add(download);
    this.#tell(download);
    if (this.#started) this.#attempts.enqueue(download);
    return this.#handle(download);
  }

  /** Somebody asks for what is asked for already. */
  #join(download: Download, order: DownloadOrder): void {
    const { devices, reason, priority } = download.order;
    const isMoreUrgent = order.reason === 'person' && reason === 'rule';
    download.order = {
      ...download.order,
      devices: [...new Set([...devices, ...order.devices])],
      reason: isMoreUrgent ? 'person' : reason,
      priority: Math.max(priority, order.priority),
    };
    // Meanwhile the source has hashed all of it.
    const isHashedNow = order.content?.hash && !download.order.content?.hash;
    if (isHashedNow) this.#register.reorder(download, { ...download.order, content: order.content });
    this.#tell(download);
    const isWorthIt = order.reason === 'person' || !download.error || !isFinal(download.error);
    if (download.state === 'failed' && isWorthIt && download.apply('resumed')) this.#again(download);
    else if (download.state === 'queued' && isMoreUrgent) this.#attempts.enqueue(download);
  }

  /** A newer version of what is being downloaded: what fits it of the old one is kept. */
  #restart(download: Download, order: DownloadOrder): void {
    this.#register.reorder(download, { ...order, reason: download.order.reason });
    download.attempts = 0;
    if (isRunning(download.state)) download.interruption?.interrupt();
    else if (download.state === 'queued') this.#attempts.enqueue(download);
    this.#tell(download);
  }

  #again(download: Download): void {
    download.error = undefined;
    download.pauseCause = undefined;
    download.attempts = 0;
    this.#attempts.enqueue(download);
  }

  #announced(device: DeviceId, entries: readonly FileEntry[]): void {
    if (this.#register.active === 0) return;
    const paths = new Set<RelativePath>();
    for (const entry of entries) {
      paths.add(entry.path);
      for (const download of this.#register.from(entry.path)) {
        const { content, devices, reason } = download.order;
        if (!content || !devices.includes(device) || entry.deleted || entry.type !== 'file') continue;
        const ordering = compareVersions(entry.version, content.version);
        if (ordering === 'newer') {
          // A rule asks by itself for what it makes of it now.
          if (reason === 'person') this.#restart(download, { ...download.order, content: entry });
        }
        // It has been hashed further meanwhile.
        else if (ordering === 'equal' && !isRunning(download.state) && entry.size === content.size) {
          this.#register.reorder(download, { ...download.order, content: entry });
        }
      }
    }
    this.#attempts.wake(({ order }) => order.content !== undefined && paths.has(order.content.path));
  }

  async #run(download: Download, interruption: Interruption): Promise<RelativePath> {
    this.#parts.gate.demandOpen();
    await this.#parts.gate.demandFit(download.order.target);
    if (download.error) this.#register.reorder(download, otherSize(this.#parts.catalogue, download.order));
    const events = {
      onBytes: () => {
        if (download.apply('received')) this.#tell(download);
      },
      onComplete: () => {
        if (download.apply('completed')) this.#tell(download);
      },
    };
    const { path } = download.order.classic
      ? await runClassic(this.#parts, download, events, interruption)
      : await new DownloadRun(this.#runParts, download, events, interruption).run();
    return path;
  }

  #each(ids: readonly string[], change: (download: Download) => void): DownloadView[] {
    const chosen = ids.length === 0 ? this.#register.all() : ids.map((id) => this.#register.get(id));
    return chosen
      .filter(({ state }) => ids.length > 0 || isActive(state))
      .map((download) => {
        change(download);
        this.#tell(download);
        return this.#view(download);
      });
  }

  #tell(download: Download): void {
    this.#keeper.changed(download);
    const forgotten = this.#register.follow(download);
    if (forgotten !== undefined) this.#keeper.forget(forgotten);
    if (this.#changed.size === 0) void Promise.resolve().then(() => this.#emit());
    this.#changed.add(download);
  }

  #emit(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const download of changed) {
      this.events.emit('changed', { id: download.id, view: () => this.#view(download) });
    }
  }

  #handle(download: Download): DownloadHandle {
    const view = () => this.#view(download);
    return {
      id: download.id,
      view,
      get finished() {
        return download.finished.then(view);
      },
    };
  }

  #view(download: Download): DownloadView {
    return download.view(this.#runParts.nameOf);
  }
}
