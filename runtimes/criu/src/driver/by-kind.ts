// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type CheckpointOptions,
  type HeldCheckpoint,
  type Hold,
  type ImageSink,
  type ImageSource,
  type NodeFacts,
  type PreflightReport,
  type PreparedRestore,
  type ReleaseMode,
  type RestoreTarget,
  type RestoredWorkload,
  type RuntimeDriver,
  type StartGate,
  type Timing,
  type WorkloadRef,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { DRIVER_ID } from './image-record.js';

/** One driver for workloads of several kinds, each of which has a driver of its own. */
export class DriverByKind implements RuntimeDriver {
  readonly id = DRIVER_ID;

  constructor(
    private readonly drivers: Readonly<Record<string, RuntimeDriver>>,
    /** The kind whose driver speaks for the node. */
    private readonly main: string,
  ) {}

  get gate(): StartGate | undefined {
    return this.#of({ kind: this.main }).gate;
  }

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    return this.#of({ kind: this.main }).probe(signal);
  }

  async preflight(
    workload: WorkloadRef,
    options: Pick<CheckpointOptions, 'tcp' | 'containers'>,
    signal: AbortSignal,
  ): Promise<PreflightReport> {
    return this.#of(workload).preflight(workload, options, signal);
  }

  async checkpoint(
    workload: WorkloadRef,
    sink: ImageSink,
    options: CheckpointOptions,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint> {
    return this.#of(workload).checkpoint(workload, sink, options, signal);
  }

  async release(hold: Hold, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]> {
    return this.#of(hold.workload).release(hold, mode, signal);
  }

  async holds(signal: AbortSignal): Promise<readonly Hold[]> {
    const lists = await Promise.all(Object.values(this.drivers).map(async (driver) => driver.holds(signal)));
    return lists.flat();
  }

  async prepareRestore(source: ImageSource, target: RestoreTarget, signal: AbortSignal): Promise<PreparedRestore> {
    return this.#of(target.workload).prepareRestore(source, target, signal);
  }

  async restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload> {
    return this.#of(prepared.workload).restore(prepared, source, signal);
  }

  async verify(restored: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus> {
    return this.#of(restored.status.workload).verify(restored, signal);
  }

  async abandonRestore(
    prepared: Pick<PreparedRestore, 'restore' | 'workload'>,
    signal: AbortSignal,
  ): Promise<RestoredWorkload | undefined> {
    return this.#of(prepared.workload).abandonRestore(prepared, signal);
  }

  async rootOf(workload: WorkloadRef, signal: AbortSignal): Promise<string> {
    const driver = this.#of(workload);
    if (driver.rootOf !== undefined) return driver.rootOf(workload, signal);
    throw new GritError('GRIT_UNSUPPORTED', `the files of a workload of kind ${workload.kind} are not shown`);
  }

  #of({ kind }: Pick<WorkloadRef, 'kind'>): RuntimeDriver {
    const driver = Object.hasOwn(this.drivers, kind) ? this.drivers[kind] : undefined;
    if (driver !== undefined) return driver;
    throw new GritError('GRIT_REQUEST_INVALID', `this runtime has no workloads of kind ${kind}`);
  }
}
