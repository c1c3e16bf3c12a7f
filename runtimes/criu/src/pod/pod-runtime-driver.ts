// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type {
  CheckpointOptions,
  HeldCheckpoint,
  Hold,
  ImageSink,
  ImageSource,
  NodeFacts,
  PreflightReport,
  PreparedRestore,
  ReleaseMode,
  RestoreTarget,
  RestoredWorkload,
  RuntimeDriver,
  StartGate,
  Timing,
  WorkloadRef,
  WorkloadStatus,
} from '@grit/plugin-api';
import { asGritErrors } from '../as-grit-errors.js';
import { ContainerdClient } from '../containerd/containerd-client.js';
import { KnownVersions } from '../criu/known-versions.js';
import { DRIVER_ID } from '../driver/image-record.js';
import type { NodeEnvironment } from '../node-environment.js';
import { checkpointPod } from '../pod-checkpoint/checkpoint-pod.js';
import { PodHolds } from '../pod-checkpoint/pod-hold.js';
import type { PodPlaces } from '../pod-checkpoint/pod-places.js';
import { preflightPod } from '../pod-checkpoint/preflight-pod.js';
import { releasePod } from '../pod-checkpoint/release-pod.js';
import { PodRestores } from '../pod-restore/pod-restores.js';
import { throwIfAborted } from '../process/wait-until.js';
import { probePods } from './probe-pods.js';
import { rootOfPod } from './root-of-pod.js';

const SWEEP_MS = 30_000;

/** Checkpoints the pods of this node with CRIU, and lets those that the kubelet starts go on from an image. */
export class PodRuntimeDriver implements RuntimeDriver {
  readonly id = DRIVER_ID;
  readonly #places: PodPlaces;
  readonly #restores: PodRestores;
  readonly #end = new AbortController();
  #sweep: NodeJS.Timeout | undefined;
  readonly #versions: KnownVersions;

  /** @param socket - absolute path of containerd's */
  constructor(node: NodeEnvironment, socket: string) {
    this.#versions = new KnownVersions(node);
    const holds = new PodHolds(join(node.settings.stateDirectory, 'pods'));
    const client = new ContainerdClient(socket);
    this.#places = { node, holds, client };
    const isHere = async (uid: string, signal: AbortSignal): Promise<boolean> =>
      (await client.containers(`labels."io.kubernetes.pod.uid"==${uid}`, signal)).length > 0;
    this.#restores = new PodRestores(node, isHere);
  }

  /** Begins to answer containerd's calls for pods that are restored; until {@link close}. */
  async start(): Promise<void> {
    await this.#restores.start(this.#end.signal);
    this.#sweep = setInterval(() => void this.#sweepHolds(), SWEEP_MS).unref();
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#end.abort();
    this.#places.client.close();
  }

  /** The kubelet ends a pod that was moved, and nobody asks for its hold again. */
  async #sweepHolds(): Promise<void> {
    await this.#places.holds.list().catch((error: unknown) => {
      this.#places.node.logger.warn(`holds of pods that are gone: ${(error as Error).message}`);
    });
  }

  get gate(): StartGate {
    return this.#restores.gate;
  }

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    throwIfAborted(signal);
    this.#versions.forget();
    return asGritErrors('GRIT_INTERNAL', async () => probePods(this.#places, signal));
  }

  async preflight(
    workload: WorkloadRef,
    options: Pick<CheckpointOptions, 'tcp' | 'containers'>,
    signal: AbortSignal,
  ): Promise<PreflightReport> {
    return asGritErrors('GRIT_INTERNAL', async () =>
      preflightPod(this.#places, workload, options, await this.#versions.get(), signal),
    );
  }

  async checkpoint(
    workload: WorkloadRef,
    sink: ImageSink,
    options: CheckpointOptions,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint> {
    return asGritErrors('GRIT_DUMP_FAILED', async () =>
      checkpointPod(this.#places, workload, sink, options, this.#versions.get, signal),
    );
  }

  async release(hold: Hold, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]> {
    return asGritErrors('GRIT_INTERNAL', async () => releasePod(this.#places, hold, mode, signal));
  }

  async holds(signal: AbortSignal): Promise<readonly Hold[]> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () => (await this.#places.holds.list()).map(({ hold }) => hold));
  }

  async prepareRestore(source: ImageSource, target: RestoreTarget, signal: AbortSignal): Promise<PreparedRestore> {
    return asGritErrors('GRIT_RESTORE_FAILED', async () =>
      this.#restores.prepareRestore(source, target, await this.#versions.get(), signal),
    );
  }

  async restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload> {
    return asGritErrors('GRIT_RESTORE_FAILED', async () => this.#restores.restore(prepared, source, signal));
  }

  async verify(restored: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus> {
    return asGritErrors('GRIT_RESTORE_FAILED', async () => this.#restores.verify(restored, signal));
  }

  async abandonRestore(
    prepared: Pick<PreparedRestore, 'restore' | 'workload'>,
    signal: AbortSignal,
  ): Promise<RestoredWorkload | undefined> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () => this.#restores.abandonRestore(prepared));
  }

  async rootOf(workload: WorkloadRef, signal: AbortSignal): Promise<string> {
    return asGritErrors('GRIT_INTERNAL', async () => rootOfPod(this.#places.client, workload, signal));
  }
}
