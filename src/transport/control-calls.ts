import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Connection } from './connection.ts';
import { judgeCall } from './control-rule.ts';

/** A call of our own that waits for its answer this long may be given up for another. ms. */
const PATIENCE_MS = 1_000;

/** As much of a session as is needed here. */
export interface Incumbent {
  readonly instance: string;
  probe(): Promise<boolean>;
}

export interface ControlCallsOptions {
  readonly own: DeviceId;
  readonly clock: Clock;
  readonly sessionWith: (device: DeviceId) => Incumbent | undefined;
  /** Begins a session over `connection`, whose hello is here, in place of the one that there may be. */
  readonly establish: (connection: Connection) => void;
}

interface OwnCall {
  readonly connection: Connection;
  /** When the hello was sent, on the monotonic clock. ms. */
  readonly since: number;
}

/** Brings about one control connection for each pair of devices, whoever calls whom and when. See control-rule.ts. */
export class ControlCalls {
  readonly #options: ControlCallsOptions;
  /** Calls of ours that wait for the answering hello. */
  readonly #calling = new Map<DeviceId, OwnCall>();
  /** Calls of others that wait for our decision. */
  readonly #called = new Map<DeviceId, Connection>();

  constructor(options: ControlCallsOptions) {
    this.#options = options;
  }

  /** Whether a hello of ours may be sent to `device` now. */
  mayCall(device: DeviceId): boolean {
    if (this.#options.sessionWith(device)) return false;
    const call = this.#calling.get(device);
    return !call || this.#options.clock.monotonic() - call.since >= PATIENCE_MS;
  }

  /**
   * Sends our hello over `connection`. Resolves when there is a session with that device.
   * @throws CONNECTION_CLOSED
   */
  async call(connection: Connection): Promise<void> {
    const { device } = connection.secure;
    const { clock, establish, sessionWith } = this.#options;
    this.#giveUp(device);
    const call = { connection, since: clock.monotonic() };
    this.#calling.set(device, call);
    const forget = () => {
      if (this.#calling.get(device) === call) this.#calling.delete(device);
    };
    await new Promise<void>((resolve, reject) => {
      connection.events.once('hello', () => {
        forget();
        establish(connection);
        resolve();
      });
      connection.events.once('closed', (reason) => {
        forget();
        if (sessionWith(device)) resolve();
        else reject(new CompartidosError('CONNECTION_CLOSED', { reason }));
      });
      connection.start();
    });
  }

  /** A hello for control has come over `connection`. */
  async receive(connection: Connection): Promise<void> {
    const { device } = connection.secure;
    const { establish, sessionWith } = this.#options;
    // Whoever calls again has given up the former call.
    this.#called.get(device)?.close('duplicate');
    this.#called.set(device, connection);
    connection.events.once('closed', () => {
      if (this.#called.get(device) === connection) this.#called.delete(device);
    });
    while (!connection.isClosed) {
      const verdict = this.#judge(connection);
      if (verdict === 'wait') {
        await this.#ownCallSettled(device);
      } else if (verdict === 'probe' && (await sessionWith(device)?.probe())) {
        connection.close('duplicate');
      } else {
        this.#called.delete(device);
        this.#giveUp(device);
        connection.accept();
        establish(connection);
        return;
      }
    }
  }

  stop(): void {
    for (const { connection } of [...this.#calling.values()]) connection.close('stopping');
    for (const connection of [...this.#called.values()]) connection.close('stopping');
  }

  #judge(connection: Connection) {
    const { device } = connection.secure;
    const call = this.#calling.get(device);
    return judgeCall({
      oursIsSmaller: this.#options.own < device,
      sessionInstance: this.#options.sessionWith(device)?.instance,
      isCalling: call !== undefined && this.#options.clock.monotonic() - call.since < PATIENCE_MS,
      instance: connection.peer!.instance,
    });
  }

  /** Resolves when our call to `device` has led somewhere, or nowhere, or has taken too long. */
  async #ownCallSettled(device: DeviceId): Promise<void> {
    const call = this.#calling.get(device);
    if (!call) return;
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const timer = clock.after(PATIENCE_MS - (clock.monotonic() - call.since), resolve);
      const settled = () => {
        timer.cancel();
        resolve();
      };
      call.connection.events.once('hello', settled);
      call.connection.events.once('closed', settled);
    });
  }

  #giveUp(device: DeviceId): void {
    const call = this.#calling.get(device);
    this.#calling.delete(device);
    call?.connection.destroy('superseded');
  }
}
