import type { ExecutionContext } from 'ava';
import type { LimitSettings } from '../../src/config/settings.ts';
import type { Clock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { blockCount } from '../../src/model/block-layout.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { Bandwidth } from '../../src/transfer/bandwidth.ts';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { blockRank } from '../../src/transfer/download-order.ts';
import { Interruption } from '../../src/transfer/interruption.ts';
import { Puller } from '../../src/transfer/puller.ts';
import { Swarm } from '../../src/transfer/swarm.ts';
import { deviceNamed } from './entries.ts';
import { MemoryCatalogue } from './memory-catalogue.ts';
import type { MemoryLan } from './memory-lan.ts';
import { noLimits } from './no-limits.ts';
import { RecordingLogger } from './recording-logger.ts';
import type { TransferPeer } from './transfer-peer.ts';

/** One content on its way: how much of it is here, and how it ended. */
export interface MemoryPull {
  readonly have: BlockMap;
  /** 'done', or the code of the error that ended it; undefined while it lasts. */
  readonly outcome: string | undefined;
}

/** A device that pulls contents and keeps nothing: no disk takes time that its clock does not know of. */
export class MemoryPuller {
  readonly catalogue = new MemoryCatalogue();
  readonly #puller: Puller;

  private constructor(lan: MemoryLan, name: string, clock: Clock, limits: Partial<LimitSettings>) {
    const self = deviceNamed(name);
    const network = lan.join(self, name);
    const { catalogue } = this;
    const bandwidth = new Bandwidth(clock, { ...noLimits, ...limits });
    const swarm = new Swarm({ network, catalogue, clock });
    const logger = new RecordingLogger();
    this.#puller = new Puller({
      ...{ self, network, catalogue, swarm, bandwidth, clock, random: systemRandom, logger },
    });
  }

  /** Started; it is stopped after the test. */
  static async start(
    t: ExecutionContext,
    lan: MemoryLan,
    name: string,
    clock: Clock,
    limits: Partial<LimitSettings> = {},
  ): Promise<MemoryPuller> {
    const peer = new MemoryPuller(lan, name, clock, limits);
    await peer.#puller.start();
    t.teardown(() => peer.#puller.stop());
    return peer;
  }

  /** Pulls, for a person, what `source` announces as `content`. */
  pull(source: TransferPeer, content: FileEntry): MemoryPull {
    const have = new BlockMap(blockCount(content.size));
    const pull: { have: BlockMap; outcome: string | undefined } = { have, outcome: undefined };
    void this.#puller
      .pull({
        ...{ content, have, devices: [source.device], interruption: new Interruption() },
        rank: blockRank({ reason: 'person', priority: 0 }, content),
        write: () => undefined,
      })
      .then(
        () => (pull.outcome = 'done'),
        (error: { code: string }) => (pull.outcome = error.code),
      );
    return pull;
  }
}
