import type { Catalogue } from '../catalogue/catalogue.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { CompartidosError, isCompartidosError } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { shortDeviceId } from '../model/device-id.ts';
import type { DeviceId } from '../model/device-id.ts';
import { isHashed } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import type { Bandwidth } from './bandwidth.ts';
import { BlockAsker } from './block-asker.ts';
import type { Asked } from './block-asker.ts';
import { BlockSchedule } from './block-schedule.ts';
import { ContentSources } from './content-sources.ts';
import { hashKey } from './hash-key.ts';
import { Liars } from './liars.ts';
import { Pull } from './pull.ts';
import type { Want } from './pull.ts';
import { insertByRank } from './pull-order.ts';
import type { PullSource } from './pull-source.ts';
import type { Swarm } from './swarm.ts';

export interface PullerParts {
  readonly self: DeviceId;
  readonly network: Network;
  readonly catalogue: Catalogue;
  readonly swarm: Swarm;
  readonly bandwidth: Bandwidth;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** ms between two looks at what hangs. */
const TICK_MS = 250;
/** ms without anything to ask for and without a block; then the sources that are left are of no use. */
const STALLED_AFTER_MS = 30_000;

/** Pulls contents, block by block, from all who have them. */
export class Puller implements Startable {
  readonly #parts: PullerParts;
  readonly #sources: ContentSources;
  /** By rank, then by age. */
  readonly #pulls: Pull[] = [];
  readonly #progressAt = new WeakMap<Pull, number>();
  readonly #liars: Liars;
  readonly #asker: BlockAsker;
  readonly #schedule: BlockSchedule;
  #removers: (() => void)[] = [];
  #ticker: Timer | undefined;

  constructor(parts: PullerParts) {
    this.#parts = parts;
    this.#sources = new ContentSources(parts);
    this.#liars = new Liars(parts.network, parts.logger);
    this.#asker = new BlockAsker(parts.clock, this.#liars, {
      onBlock: (asked, bytes, latency) => void this.#got(asked, bytes, latency),
      onFailed: (session, asked, error) => this.#unanswered(session, asked, error),
      onLie: (session, asked) => {
        this.#reopen(asked);
        this.#denounce(session, [asked.pull]);
      },
      onAnswered: () => this.#schedule.fill(),
    });
    this.#schedule = new BlockSchedule({ ...parts, liars: this.#liars, asker: this.#asker });
  }

  async start(): Promise<void> {
    if (this.#removers.length > 0) return;
    const { network, catalogue, swarm } = this.#parts;
    this.#removers = [
      network.events.on('connected', () => this.#refresh(this.#pulls)),
      network.events.on('disconnected', ({ device }) => this.#lost(device)),
      catalogue.events.on('changed', (device, entries) => this.#announced(device, entries)),
      swarm.events.on('changed', (key) => this.#refresh(this.#pullsOf(key))),
    ];
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    for (const pull of [...this.#pulls]) this.#end(pull, new CompartidosError('ABORTED'));
    this.#schedule.stop();
  }

  /**
   * Pulls one content. Resolves with its entry, complete, when every block is kept; rejects with NO_SOURCE,
   * SOURCE_CHANGED, HASH_MISMATCH, REQUEST_REFUSED and the like when nobody is left to ask, with ABORTED when it is
   * interrupted, or with what `write` rejected with.
   */
  pull(want: Want): Promise<FileEntry> {
    const pull = new Pull(want, this.#parts.self);
    const { reason } = want.interruption;
    if (reason || (pull.unasked === 0 && !pull.waitsForHashes)) {
      pull.finish(reason);
      return pull.finished;
    }
    pull.onOver = want.interruption.on(() => this.#end(pull, want.interruption.reason));
    insertByRank(this.#pulls, pull);
    this.#schedule.add(pull);
    this.#progressAt.set(pull, this.#parts.clock.monotonic());
    this.#ticker ??= this.#parts.clock.every(TICK_MS, () => this.#tick());
    this.#refresh([pull]);
    return pull.finished;
  }

  #refresh(pulls: readonly Pull[]): void {
    for (const pull of [...pulls]) {
      pull.setSources(this.#sources.find(pull.content, pull.want.devices, pull.thorough));
      if (!pull.content.hash) this.#catchUp(pull);
      this.#endIfHopeless(pull);
    }
    this.#schedule.fillSoon();
  }

  /** A block has to be asked for again. */
  #reopen({ pull, source, index }: Asked): void {
    pull.unanswered(index, source.device);
    this.#schedule.reopen(pull);
  }

  #unanswered(session: PeerSession, some: readonly Asked[], error: unknown): void {
    for (const asked of some) this.#reopen(asked);
    // A reply that does not fit what was asked for: the connection on which it came is closed for that.
    if (isCompartidosError(error, 'MESSAGE_INVALID')) {
      this.#denounce(
        session,
        some.map(({ pull }) => pull),
      );
      return;
    }
    for (const { pull, source, index } of some) if (!pull.over) this.#failed(pull, source, index, error);
  }

  /** A block has come that is what it should be. */
  async #got(asked: Asked, bytes: Uint8Array, latency: number): Promise<void> {
    const { pull, source, index, length } = asked;
    source.delivered();
    const isWanted = !pull.over && !pull.want.have.has(index);
    let tookTime = false;
    if (isWanted) {
      try {
        const keeping = pull.want.write(index, bytes);
        tookTime = keeping !== undefined;
        if (keeping) await keeping;
        this.#kept(pull, source.device, index, length);
      } catch (error) {
        this.#end(pull, error);
      }
    }
    if (!isWanted || !pull.want.ownsBytes) blockBuffers.give(bytes);
    this.#asker.settled(asked, latency);
    this.#endIfHopeless(pull);
    if (tookTime) this.#schedule.fill();
  }

  #kept(pull: Pull, device: DeviceId, index: number, length: number): void {
    if (pull.over || pull.want.have.has(index)) return;
    this.#progressAt.set(pull, this.#parts.clock.monotonic());
    const complete = pull.kept(index);
    pull.want.onBlock?.(device, length);
    if (complete) this.#end(pull);
  }

  #failed(pull: Pull, source: PullSource, index: number, error: unknown): void {
    const { network, clock } = this.#parts;
    const name = network.session(source.device)?.name ?? shortDeviceId(source.device);
    source.failed(index, error, { path: pull.content.path, name, now: clock.monotonic() });
    this.#endIfHopeless(pull);
  }

  #denounce(session: PeerSession, pulls: readonly Pull[]): void {
    this.#liars.denounce(session, pulls);
    for (const other of [...this.#pulls]) this.#endIfHopeless(other);
    this.#schedule.fillAgain(this.#pulls);
  }

  #endIfHopeless(pull: Pull): void {
    if (pull.over || pull.askedFor > 0) return;
    const hopeful = () =>
      pull.sources.some(
        (source) => source.hopeful && !source.isOfNoUse(pull.want.have) && this.#isTrusted(source.device),
      );
    if (hopeful()) return;
    if (!pull.thorough) {
      pull.thorough = true;
      pull.setSources(this.#sources.find(pull.content, pull.want.devices, true));
      if (hopeful()) return;
    }
    this.#end(pull, pull.lastError);
  }

  /** Whether a source is to be asked for a block as soon as the limits and what else is asked of it allow. */
  #waitsItsTurn(pull: Pull, now: number): boolean {
    return pull.sources.some(
      (source) =>
        source.usable(now) && !source.isFailing && this.#isTrusted(source.device) && pull.canAsk(source),
    );
  }

  /** Whether `device` is connected and has not lied. */
  #isTrusted(device: DeviceId): boolean {
    return this.#parts.network.session(device) !== undefined && !this.#liars.has(device);
  }

  #announced(device: DeviceId, entries: readonly FileEntry[]): void {
    if (this.#pulls.length === 0) return;
    const paths = new Set(entries.map(({ path }) => path));
    const contents = new Set(entries.map(({ hash }) => hash && hashKey(hash)));
    const affected = this.#pulls.filter(
      ({ content, key }) => paths.has(content.path) || (key !== undefined && contents.has(key)),
    );
    for (const pull of affected) pull.source(device)?.readmit();
    this.#refresh(affected.filter(({ over }) => !over));
  }

  /** A source may have hashed more of the file meanwhile. */
  #catchUp(pull: Pull): void {
    for (const { device } of pull.sources) {
      const entry = this.#sources.entryOf(device, pull.content.path);
      if (!entry || pull.over) continue;
      if (!pull.grow(entry)) this.#end(pull, new CompartidosError('SOURCE_CHANGED', { path: entry.path }));
      else if (pull.want.have.complete && isHashed(pull.content)) this.#end(pull);
      else this.#schedule.reopen(pull);
    }
    if (pull.over) return;
    if (!pull.content.hash) {
      const connected = this.#parts.network.sessions().map(({ device }) => device);
      pull.spread(connected.filter((device) => !pull.source(device)));
      return;
    }
    pull.want.onHashed?.(pull.content);
    // By its hash it can be had from others too.
    pull.setSources(this.#sources.find(pull.content, pull.want.devices, pull.thorough));
  }

  #lost(device: DeviceId): void {
    this.#liars.forget(device);
    this.#asker.forget(device);
    this.#parts.bandwidth.forget(device);
    this.#refresh(this.#pulls);
  }

  #pullsOf(key: string): Pull[] {
    return this.#pulls.filter((pull) => pull.key === key);
  }

  #tick(): void {
    const now = this.#parts.clock.monotonic();
    for (const pull of [...this.#pulls]) {
      if (pull.askedFor > 0) continue;
      if (this.#waitsItsTurn(pull, now)) this.#progressAt.set(pull, now);
      else if (this.#progressAt.get(pull)! < now - STALLED_AFTER_MS) this.#end(pull, pull.lastError);
    }
    this.#schedule.fillAgain(this.#pulls);
  }

  #end(pull: Pull, error?: unknown): void {
    const position = this.#pulls.indexOf(pull);
    if (position >= 0) this.#pulls.splice(position, 1);
    pull.finish(error);
    if (this.#pulls.length > 0) return;
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }
}
