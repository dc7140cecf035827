import type { LabHost } from '../../support/lab-host.ts';
import type { Expected, Workload } from './workload.ts';

/** A computer of a measurement. */
export interface Side {
  readonly host: LabHost;
  /** What is offered there, or where it has to arrive; on a file system in memory. */
  readonly folder: string;
}

/** Where one measurement takes place. */
export interface Place {
  readonly source: Side;
  /** At least one. */
  readonly receivers: readonly Side[];
  /** Whether both sides have an older version of what is to arrive: one file. */
  readonly isChange: boolean;
  /** For what the tools need themselves. */
  readonly scratch: string;
}

export interface Costs {
  readonly seconds: number;
  /** Seconds of processor time, all sides. */
  readonly cpu: number;
  /** Bytes of the largest process of any side. */
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
   * being complete at the last receiver.
   */
  move(place: Place, appear: () => Promise<void>, expected: readonly Expected[]): Promise<Costs>;
}
