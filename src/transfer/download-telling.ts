import { Emitter } from '../core/emitter.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Download, DownloadView } from './download.ts';
import type { DownloadKeeper } from './download-keeper.ts';
import type { DownloadRegister } from './download-register.ts';
import type { DownloadState } from './download-state.ts';

export interface DownloadHandle {
  readonly id: string;
  readonly state: DownloadState;
  view(): DownloadView;
  /** Resolves, never rejects, with the view once it is done, failed or cancelled. */
  readonly finished: Promise<DownloadView>;
}

export type DownloadsEvents = {
  /** Changes within one turn are told once; whoever wants to see them asks. */
  changed: [download: Pick<DownloadHandle, 'id' | 'state' | 'view'>];
};

/** Tells how downloads get on: at once where they are found and kept, and at the end of the turn whoever listens. */
export class DownloadTelling {
  readonly events = new Emitter<DownloadsEvents>();
  readonly #register: DownloadRegister;
  readonly #keeper: DownloadKeeper;
  readonly #nameOf: (device: DeviceId) => string;
  readonly #discard: (id: string) => void;
  readonly #changed = new Set<Download>();

  /** `discard` removes what is here of a download that has failed, and is not remembered any more. */
  constructor(
    register: DownloadRegister,
    keeper: DownloadKeeper,
    nameOf: (device: DeviceId) => string,
    discard: (id: string) => void,
  ) {
    this.#register = register;
    this.#keeper = keeper;
    this.#nameOf = nameOf;
    this.#discard = discard;
  }

  /** The state or the order of `download` has changed. */
  changed(download: Download): void {
    this.#keeper.changed(download);
    const forgotten = this.#register.follow(download);
    if (forgotten) {
      this.#keeper.forget(forgotten.id);
      if (forgotten.state === 'failed') this.#discard(forgotten.id);
    }
    if (this.#changed.size === 0) void Promise.resolve().then(() => this.#emit());
    this.#changed.add(download);
  }

  handle(download: Download): DownloadHandle {
    return new Handle(download, this);
  }

  view(download: Download): DownloadView {
    return download.view(this.#nameOf);
  }

  #emit(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const download of changed) this.events.emit('changed', this.handle(download));
  }
}

/** A person may ask for hundreds of thousands at once: a getter of an object of its own takes half a KiB. */
class Handle implements DownloadHandle {
  readonly #download: Download;
  readonly #telling: Pick<DownloadTelling, 'view'>;

  constructor(download: Download, telling: Pick<DownloadTelling, 'view'>) {
    this.#download = download;
    this.#telling = telling;
  }

  get id(): string {
    return this.#download.id;
  }

  get state(): DownloadState {
    return this.#download.state;
  }

  view(): DownloadView {
    return this.#telling.view(this.#download);
  }

  get finished(): Promise<DownloadView> {
    return this.#download.finished.then(() => this.view());
  }
}
