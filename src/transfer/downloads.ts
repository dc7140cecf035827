import type { Catalogue } from '../catalogue/catalogue.ts';
import type { LimitSettings, RuleSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Documents } from '../index/document-store.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Network } from '../transport/network.ts';
import { runClassic } from './classic-run.ts';
import type { ClassicRunParts } from './classic-run.ts';
import { DiskProbe } from './disk-probe.ts';
import { Download } from './download.ts';
import type { DownloadView } from './download.ts';
import { DownloadAttempts } from './download-attempts.ts';
import { DownloadIds } from './download-ids.ts';
import { DownloadKeeper } from './download-keeper.ts';
import { DownloadLanes } from './download-lanes.ts';
import { DownloadRegister } from './download-register.ts';
import type { DownloadOrder } from './download-order.ts';
import type { ClassicRequest, DownloadRequest } from './download-request.ts';
import { DownloadRun } from './download-run.ts';
import type { RunEvents, RunParts } from './download-run.ts';
import { isActive } from './download-state.ts';
import { DownloadTelling } from './download-telling.ts';
import type { DownloadHandle, DownloadsEvents } from './download-telling.ts';
import type { FolderGate } from './folder-gate.ts';
import type { Interruption } from './interruption.ts';
import { OpenOrders } from './open-orders.ts';
import { otherSize } from './other-size.ts';

export interface DownloadsParts extends RunParts, ClassicRunParts {
  readonly gate: FolderGate;
  readonly index: Pick<LocalIndex, 'verifyFolder'>;
  readonly network: Network;
  readonly catalogue: Catalogue;
  readonly documents: Documents;
  readonly limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** So many are paused, resumed or cancelled in one go: whoever takes seconds for all of 50,000 is taken for gone. */
const CHANGES_AT_A_TIME = 200;

/** All downloads: takes orders, keeps them between runs, and tells how they get on. */
export class Downloads implements Startable {
  readonly events: Emitter<DownloadsEvents>;
  readonly #parts: DownloadsParts;
  readonly #ids: DownloadIds;
  readonly #register = new DownloadRegister();
  readonly #lanes: DownloadLanes;
  readonly #keeper: DownloadKeeper;
  readonly #telling: DownloadTelling;
  readonly #attempts: DownloadAttempts;
  readonly #orders: OpenOrders;
  readonly #runEvents: RunEvents = {
    onBytes: (download) => {
      if (download.apply('received')) this.#telling.changed(download);
    },
    onComplete: (download) => {
      if (download.apply('completed')) this.#telling.changed(download);
    },
  };
  #removers: (() => void)[] = [];
  #started = false;

  constructor(parts: DownloadsParts) {
    const { clock, random, logger, documents, incoming } = parts;
    this.#parts = parts;
    const nameOf = (device: DeviceId) => parts.catalogue.nameOf(device);
    this.#ids = new DownloadIds(random);
    this.#lanes = new DownloadLanes(parts.limits);
    this.#keeper = new DownloadKeeper(documents, clock);
    // What cannot be removed now is removed by the next start.
    const discard = (id: string) => void incoming.discard(id).catch(() => undefined);
    this.#telling = new DownloadTelling(this.#register, this.#keeper, nameOf, discard);
    this.events = this.#telling.events;
    const probe = new DiskProbe(parts);
    this.#attempts = new DownloadAttempts({
      folder: incoming.folder,
      clock,
      random,
      logger,
      lanes: this.#lanes,
      run: (download, interruption) => this.#run(download, interruption),
      discard: ({ id }) => incoming.discard(id),
      diskRecovered: (error, download) => probe.recovered(error, download),
      changed: (download) => this.#telling.changed(download),
    });
    this.#orders = new OpenOrders(this.#register, this.#attempts, this.#telling);
  }

  /** Takes up what an earlier run left, and removes what it left of downloads that nobody knows. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    for (const download of this.#keeper.load()) this.#register.add(download);
    const { network, catalogue, gate } = this.#parts;
    if (gate.isOpen) await this.#tidyUp();
    this.#removers = [
      network.events.on('connected', ({ device }) => {
        this.#attempts.wake(({ facts }) => facts.devices.includes(device));
      }),
      catalogue.events.on('changed', (device, entries) => this.#orders.announced(device, entries)),
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
    const { path, target, content, devices, reason, ruleId, priority, mode } = request;
    return this.#order({
      path,
      target,
      content,
      devices,
      classic: undefined,
      reason,
      ruleId,
      priority,
      mode,
    });
  }

  /** Queues a file of a classic peer. */
  requestClassic(request: ClassicRequest): DownloadHandle {
    const { host, port, name, target, reason, rule } = request;
    return this.#order({
      path: name,
      target,
      content: undefined,
      devices: [],
      classic: { host, port, name, maxSize: rule?.maxSize },
      reason,
      ruleId: rule?.id,
      priority: rule?.priority ?? 0,
      mode: rule?.mode,
    });
  }

  /** Writes down what has been asked for: from then on it outlives this process. */
  keep(): void {
    this.#keeper.flush();
  }

  /** What rules have asked for, now or in an earlier run, and is not over. */
  ofRules(): ({ readonly handle: DownloadHandle } & Pick<DownloadOrder, 'content' | 'classic' | 'target'>)[] {
    return this.#register.all().flatMap((download) => {
      if (download.facts.reason !== 'rule' || !isActive(download.state)) return [];
      const { content, classic, target } = download.order;
      return { handle: this.#telling.handle(download), content, classic, target };
    });
  }

  /** What a rule has asked for is wanted by `rule` now, or by none: then it is given up, unless a person asked, too. */
  followRule(id: string, rule: RuleSettings | undefined): void {
    const download = this.#register.get(id);
    if (rule) this.#orders.followRule(download, rule);
    else if (download.facts.reason === 'rule') void this.cancel([id]);
  }

  /** In the order of the requests; those that ended are remembered for a while. */
  list(): DownloadView[] {
    return this.#register.all().map((download) => this.#telling.view(download));
  }

  /** How many are not done, failed or cancelled. */
  get active(): number {
    return this.#register.active;
  }

  /** Whether something is being fetched. */
  get isBusy(): boolean {
    return this.#attempts.isBusy;
  }

  /** Those named, or all when `ids` is empty. Resolves with those that are paused then. @throws NOT_FOUND */
  pause(ids: readonly string[]): Promise<DownloadView[]> {
    return this.#change(ids, (download) => {
      // It ends in a moment anyhow.
      if (download.state === 'verifying') return false;
      if (download.state !== 'paused' && !download.apply('paused')) return false;
      download.pauseCause = 'person';
      download.error = undefined;
      this.#attempts.interrupt(download);
      return true;
    });
  }

  /** Also gives those that failed another chance, when they are named. Resolves with those that go on. @throws NOT_FOUND */
  resume(ids: readonly string[]): Promise<DownloadView[]> {
    return this.#change(ids, (download) => {
      if (!download.apply('resumed')) return false;
      this.#attempts.again(download);
      return true;
    });
  }

  /** Resolves with those that are given up by that. @throws NOT_FOUND */
  cancel(ids: readonly string[]): Promise<DownloadView[]> {
    return this.#change(ids, (download) => {
      if (!download.apply('cancelled')) {
        download.isGivenUp = download.state === 'verifying';
        return false;
      }
      this.#attempts.interrupt(download);
      return true;
    });
  }

  #order(order: DownloadOrder): DownloadHandle {
    return this.#telling.handle(this.#orders.join(order) ?? this.#add(order));
  }

  #add(order: DownloadOrder): Download {
    const download = new Download(this.#ids.next(), order);
    this.#register.add(download);
    this.#telling.changed(download);
    if (this.#started) this.#attempts.enqueue(download);
    return download;
  }

  /** Where nothing can be written, what is there can be served all the same. */
  async #tidyUp(): Promise<void> {
    const { incoming, logger } = this.#parts;
    try {
      await incoming.prepare();
      await incoming.clean(new Set(this.#register.all().map(({ id }) => id)));
    } catch (error) {
      logger.warn('downloads.tidy-failed', { reason: systemErrorCode(error) ?? String(error) });
    }
  }

  async #run(download: Download, interruption: Interruption): Promise<RelativePath> {
    this.#parts.gate.demandOpen();
    const fitting = this.#parts.gate.demandFit(download.order.target);
    if (fitting) await fitting;
    if (!this.#parts.incoming.isSound) await this.#parts.incoming.prepare();
    if (download.error) this.#register.reorder(download, otherSize(this.#parts.catalogue, download.order));
    try {
      return download.order.classic
        ? await runClassic(this.#parts, download, this.#runEvents, interruption)
        : await new DownloadRun(this.#parts, download, this.#runEvents, interruption).run();
    } catch (error) {
      await this.#parts.incoming.failed(error);
      throw error;
    }
  }

  /**
   * Those named, or all that have not ended; resolves with those that `change` applied to. The first ones are changed
   * before this returns.
   */
  async #change(ids: readonly string[], change: (download: Download) => boolean): Promise<DownloadView[]> {
    const chosen =
      ids.length === 0
        ? this.#register.all().filter(({ state }) => isActive(state))
        : ids.map((id) => this.#register.get(id));
    const changed: DownloadView[] = [];
    for (const [at, download] of chosen.entries()) {
      // Whoever waits for the network or the disk has a turn.
      if (at > 0 && at % CHANGES_AT_A_TIME === 0) await this.#parts.clock.sleep(0);
      if (!change(download)) continue;
      this.#telling.changed(download);
      changed.push(this.#telling.view(download));
    }
    return changed;
  }
}
