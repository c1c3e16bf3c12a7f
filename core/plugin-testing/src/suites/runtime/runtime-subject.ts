// SPDX-License-Identifier: Apache-2.0
import type { RuntimeDriver, WorkloadLauncher, WorkloadRef, WorkloadSpec } from '@grit/plugin-api';

/** A driver under test together with its node: fresh for every case. */
export interface RuntimeSubject {
  readonly driver: RuntimeDriver;
  /** Starts the workloads of the suite; the driver's own or one of the test's. */
  readonly launcher: WorkloadLauncher;
  /** An empty directory on the node's disk, the suite's own; gone with the subject. */
  readonly directory: string;
  /** A workload that runs until it is stopped and whose progress can be seen. */
  spec(name: string): WorkloadSpec;
  /** How far the workload has come: grows while it runs, stands still while it is frozen, goes on after a restore. */
  progressOf(workload: WorkloadRef): Promise<number>;
  /** Another driver for the same node, as after a crash of the agent; the old one is not used any more. */
  reopen(): Promise<Pick<RuntimeSubject, 'driver' | 'launcher'>>;
}

/** One case of the suite. */
export interface RuntimeCase {
  readonly title: string;
  readonly run: (subject: RuntimeSubject) => Promise<void>;
}
