import { blake3 } from '../core/blake3.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import { blockRange } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { BlockAnswer, PeerSession } from '../transport/network.ts';
import { isSmall } from './download-order.ts';
import { sameHash } from './hash-key.ts';
import type { Liars } from './liars.ts';
import type { Pull } from './pull.ts';
import type { PullSource } from './pull-source.ts';
import { RequestBatch } from './request-batch.ts';
import { SourcePace } from './source-pace.ts';

/** A block that one source is asked for. */
export interface Asked {
  readonly pull: Pull;
  readonly source: PullSource;
  readonly index: number;
  /** Bytes. */
  readonly length: number;
}

export interface BlockAskerEvents {
  /** A block has come, and is what it should be. Its request is over when `settled` says so. `latency`: ms. */
  readonly onBlock: (asked: Asked, bytes: Uint8Array, latency: number) => void;
  /** These did not come; their request is over. */
  readonly onFailed: (session: PeerSession, asked: readonly Asked[], error: unknown) => void;
  /** The peer sent other bytes than those, and again when it was to compare them; its request is over. */
  readonly onLie: (session: PeerSession, asked: Asked) => void;
  /** All of a request has been answered. */
  readonly onAnswered: () => void;
}

/** Asks sources for blocks, as many at a time as the pace of each allows, those of small files together. */
export class BlockAsker {
  readonly #clock: Clock;
  readonly #events: BlockAskerEvents;
  readonly #liars: Pick<Liars, 'has'>;
  readonly #paces = new Map<DeviceId, SourcePace>();
  /** What is to be asked of each peer when `send` is called. */
  readonly #batches = new Map<PeerSession, RequestBatch<Asked>>();

  constructor(clock: Clock, liars: Pick<Liars, 'has'>, events: BlockAskerEvents) {
    this.#clock = clock;
    this.#liars = liars;
    this.#events = events;
  }

  /** Whether a block of so many bytes may be asked of `device` now. */
  mayAsk(device: DeviceId, bytes: number, ofSmallFile: boolean): boolean {
    return this.#paceOf(device).mayAsk(bytes, ofSmallFile);
  }

  /** Has a block asked for: before long, or when `send` is called. */
  ask(session: PeerSession, asked: Asked): void {
    const { pull, source, index, length } = asked;
    this.#paceOf(session.device).asked(length, isSmall(pull.content));
    const { hash: content = new Uint8Array(), size } = pull.content;
    const { offset } = blockRange(size, index);
    const block = { path: source.path, content, offset, length, hash: pull.hash(index) };
    let batch = this.#batches.get(session);
    if (!batch?.hasRoomFor(block)) {
      if (batch) void this.#send(session, batch);
      batch = new RequestBatch();
      this.#batches.set(session, batch);
    }
    batch.add(asked, block);
  }

  /** Sends what is to be asked. */
  send(): void {
    const batches = [...this.#batches];
    this.#batches.clear();
    for (const [session, batch] of batches) void this.#send(session, batch);
  }

  /** The request for a block is over; `latency` (ms) when it was answered with the block. */
  settled({ pull, source, length }: Asked, latency: number | undefined): void {
    this.#paceOf(source.device).settled(length, isSmall(pull.content), latency);
  }

  /** The device is gone: how fast it was says nothing of how fast it will be. */
  forget(device: DeviceId): void {
    this.#paces.delete(device);
  }

  async #send(session: PeerSession, batch: RequestBatch<Asked>, compare = false): Promise<void> {
    const { askers, wanted } = batch;
    const since = this.#clock.monotonic();
    let answers: readonly BlockAnswer[] = [];
    let failure: unknown;
    try {
      answers = await session.requestBlocks(wanted, compare);
    } catch (error) {
      failure = error;
    }
    const latency = this.#clock.monotonic() - since;
    if (failure !== undefined) this.#fail(session, askers, failure, latency);
    const wrong = new RequestBatch<Asked>();
    answers.forEach((answer, position) => {
      const asked = askers[position]!;
      if (typeof answer === 'string') {
        this.#fail(session, [asked], new CompartidosError('REQUEST_REFUSED', { reason: answer }), latency);
      } else if (sameHash(blake3(answer), wanted[position]!.hash)) {
        this.#events.onBlock(asked, answer, latency);
      } else {
        blockBuffers.give(answer);
        if (compare || this.#liars.has(session.device)) {
          this.settled(asked, undefined);
          this.#events.onLie(session, asked);
        } else {
          // Its disk may have damaged the file without its knowing.
          wrong.add(asked, wanted[position]!);
        }
      }
    });
    if (wrong.askers.length > 0) void this.#send(session, wrong, true);
    this.#events.onAnswered();
  }

  #fail(session: PeerSession, some: readonly Asked[], error: unknown, latency: number): void {
    // Nobody waits for the answer any more: that it was none tells nothing of the source.
    for (const asked of some) this.settled(asked, asked.pull.over ? latency : undefined);
    this.#events.onFailed(session, some, error);
  }

  #paceOf(device: DeviceId): SourcePace {
    const pace = this.#paces.get(device) ?? new SourcePace();
    this.#paces.set(device, pace);
    return pace;
  }
}
