import type { FaultSign } from './faults/fault-kind.ts';

/** Something that makes a running service worse off, and can be taken back. */
export interface Strain<Size = void> {
  /** Brings it in, or changes its size while it is in force. EnvironmentError where that is not possible. */
  apply(size: Size): Promise<void>;
  /** Returns when it was seen to be gone; does nothing where it is not in force. CleanupError. */
  lift(): Promise<void>;
  /** Whether what it does shows, since it was brought in. */
  sign(): Promise<FaultSign>;
}

/** A service that the harness started: what faults and drills may do to it. */
export interface ServiceControl {
  readonly name: string;
  /** Id of the leader of its process group; undefined while none runs. */
  pid(): number | undefined;
  /** Ids of its running processes, the leader and its descendants; empty while none runs. */
  processes(): readonly number[];
  /** Sends a signal to all of them. */
  signal(signal: NodeJS.Signals): void;
  /**
   * Ends it with a signal, which is no incident then, and waits until its group is gone. After SIGTERM, SIGKILL follows after
   * the service's stop timeout. CleanupError when it outlives that. Does nothing while none runs.
   */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /**
   * Starts it again after `end`, at the same addresses and with the same data, and waits until it is ready. Does nothing
   * while it runs, where it ended by itself (an incident that ends the run), and once the user has stopped the run.
   * EnvironmentError.
   */
  start(): Promise<void>;
  /** The folder that `{{data}}` stands for. */
  readonly dataFolder: string;
  /** All its processes stand still. */
  readonly pause: Strain;
  /** They get so many cores together, at most. */
  readonly cpu: Strain<number>;
  /** They get so many bytes of memory together, at most: all that they use counts, files in the page cache too. */
  readonly memory: Strain<number>;
  /** So many bytes are left free in its data folder. */
  readonly disk: Strain<number>;
}
