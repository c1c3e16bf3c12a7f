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
  type TcpPolicy,
  type Timing,
  type WorkloadRef,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { asGritErrors } from '../as-grit-errors.js';
import { KnownVersions } from '../criu/known-versions.js';
import type { NodeEnvironment } from '../node-environment.js';
import { preflight } from '../preflight/preflight.js';
import { throwIfAborted } from '../process/wait-until.js';
import { viewWorkload } from '../workload/workload-status.js';
import { checkpoint } from './checkpoint.js';
import { DRIVER_ID } from './image-record.js';
import { probe } from './probe.js';
import { release } from './release.js';
import { abandonRestore, prepareRestore, restore } from './restore.js';

/** Checkpoints runc containers of this node with CRIU. */
export class CriuRuntimeDriver implements RuntimeDriver {
  readonly id = DRIVER_ID;
  readonly #versions: KnownVersions;

  constructor(private readonly node: NodeEnvironment) {
    this.#versions = new KnownVersions(node);
  }

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    throwIfAborted(signal);
    this.#versions.forget();
    return asGritErrors('GRIT_INTERNAL', async () => probe(this.node, signal));
  }

  async preflight(
    workload: WorkloadRef,
    options: { readonly tcp: TcpPolicy },
    signal: AbortSignal,
  ): Promise<PreflightReport> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () =>
      preflight(this.node, workload, options.tcp, await this.#versions.get(), signal),
    );
  }

  async checkpoint(
    workload: WorkloadRef,
    sink: ImageSink,
    options: CheckpointOptions,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint> {
    return asGritErrors('GRIT_DUMP_FAILED', async () =>
      checkpoint(this.node, workload, sink, options, this.#versions.get, signal),
    );
  }

  async release(hold: Hold, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]> {
    return asGritErrors('GRIT_INTERNAL', async () => release(this.node, hold, mode, signal));
  }

  async holds(signal: AbortSignal): Promise<readonly Hold[]> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () => {
      const names = await this.node.workloadNames();
      const views = await Promise.all(names.map(async (name) => viewWorkload(this.node, { kind: 'container', name })));
      return views.flatMap(({ hold }) => (hold === undefined ? [] : [hold.hold]));
    });
  }

  async prepareRestore(source: ImageSource, target: RestoreTarget, signal: AbortSignal): Promise<PreparedRestore> {
    return asGritErrors('GRIT_RESTORE_FAILED', async () =>
      prepareRestore(this.node, source, target, await this.#versions.get(), signal),
    );
  }

  async restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload> {
    return asGritErrors('GRIT_RESTORE_FAILED', async () => restore(this.node, prepared, source, signal));
  }

  async verify(restored: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_RESTORE_FAILED', async () => {
      const { status, record } = await viewWorkload(this.node, restored.status.workload);
      if (status.state !== 'missing' && record?.restore?.id === restored.restore) return status;
      throw new GritError('GRIT_RESTORE_FAILED', `workload ${restored.status.workload.name} is ${status.state}`);
    });
  }

  async abandonRestore(
    prepared: Pick<PreparedRestore, 'restore' | 'workload'>,
    signal: AbortSignal,
  ): Promise<RestoredWorkload | undefined> {
    throwIfAborted(signal);
    await asGritErrors('GRIT_INTERNAL', async () => abandonRestore(this.node, prepared));
    return undefined;
  }
}
