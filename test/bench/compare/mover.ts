import type { LabHost } from '../../support/lab-host.ts';
import type { Expected, Workload } from './workload.ts';

/** Where one measurement takes place. */
export interface Place {
  readonly source: LabHost;
  readonly receiver: LabHost;
  /** Whether the receiver has an older version of what is to arrive. */
  readonly isChange: boolean;
  /** Folders on a file system in memory: `source` is what is offered, `receiver` where it has to arrive. */
  readonly folders: { readonly source: string; readonly receiver: string; readonly scratch: string };
}

export interface Costs {
  readonly seconds: number;
  /** Seconds of processor time, both sides. */
  readonly cpu: number;
  /** Bytes of the largest process. */
  readonly memory: number;
  /** Bytes that left the source. */
  readonly sent: number;
}

/** A tool that moves a workload. */
export interface Mover {
  readonly name: string;
  readonly encrypted: boolean;
  can(workload: Workload): boolean;
  /**
   * Prepares everything, then measures from the moment at which `appear` puts the payload into the source folder to its
   * being complete at the receiver.
   */
  move(place: Place, appear: () => Promise<void>, expected: readonly Expected[]): Promise<Costs>;
}
