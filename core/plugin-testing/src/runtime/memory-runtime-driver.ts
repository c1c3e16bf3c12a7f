// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import {
  GritError,
  checkName,
  type CheckpointOptions,
  type HeldCheckpoint,
  type Hold,
  type ImageSink,
  type ImageSource,
  type NodeFacts,
  type PreflightReport,
  type PreparedRestore,
  type ReleaseMode,
  type RestoredWorkload,
  type RestoreTarget,
  type RuntimeDriver,
  type WorkloadLauncher,
  type Timing,
  type WorkloadRef,
  type WorkloadSpec,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { DRIVER_ID, checkRecord, readImage, writeImage } from './memory-image.js';
import { MemoryNode, MemoryProcess } from './memory-node.js';

const DEFAULT_IMAGE_BYTES = 256 * 1024;
const SIGKILL_EXIT = 137;
const SIGTERM_EXIT = 143;

/** Settings of {@link MemoryRuntimeDriver}. */
export interface MemoryRuntimeDriverOptions {
  /** What survives the driver; default a new one. */
  readonly node?: MemoryNode | undefined;
  /** Bytes of memory in each image, rounded up to whole pages; default 256 KiB. */
  readonly imageBytes?: number | undefined;
  /** Whether pages go straight into a sink that takes them; false: through a file, and nobody asks for a flush. Default true. */
  readonly streams?: boolean | undefined;
  /** What `probe` finds wrong. */
  readonly problem?: string | undefined;
}

/**
 * A runtime without processes: workloads are counters that really stop while they are held and really go on from their image.
 * Two commands mean something: `exit N` ends at once; a workload with `BLOCKER=reason` in its environment is refused by preflight.
 */
export class MemoryRuntimeDriver implements RuntimeDriver, WorkloadLauncher {
  readonly id = DRIVER_ID;
  readonly node: MemoryNode;
  readonly #imageBytes: number;
  readonly #streams: boolean;
  readonly #problem: string | undefined;

  constructor(options: MemoryRuntimeDriverOptions = {}) {
    this.node = options.node ?? new MemoryNode();
    this.#imageBytes = options.imageBytes ?? DEFAULT_IMAGE_BYTES;
    this.#streams = options.streams ?? true;
    this.#problem = options.problem;
  }

  async probe(_signal: AbortSignal): Promise<NodeFacts> {
    const problems = this.#problem === undefined ? [] : [{ message: this.#problem, hint: 'Nothing: it is a test.' }];
    return { ready: problems.length === 0, problems, facts: { arch: process.arch, runtime: DRIVER_ID } };
  }

  async preflight(workload: WorkloadRef, _options: object, signal: AbortSignal): Promise<PreflightReport> {
    signal.throwIfAborted();
    const running = this.#running(workload);
    const reason = running.spec.env?.['BLOCKER'];
    const blocker = {
      severity: 'blocker' as const,
      reason: reason ?? '',
      message: `uses ${reason ?? ''}`,
      hint: `Start it without BLOCKER.`,
      pid: running.pid,
    };
    return { findings: reason === undefined ? [] : [blocker], estimatedBytes: this.#imageBytes };
  }

  async checkpoint(
    workload: WorkloadRef,
    sink: ImageSink,
    options: CheckpointOptions,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint> {
    signal.throwIfAborted();
    const known = this.node.holds.get(options.checkpoint);
    if (known?.sealed) {
      known.sealed.parts.forEach((part) => sink.add(part));
      return known.sealed.held;
    }
    const process = known === undefined ? this.#running(workload) : this.#find(workload);
    const hold = known?.hold ?? { id: options.checkpoint, workload, since: Date.now() };
    this.node.holds.set(hold.id, { hold });
    process.freeze();
    const started = performance.now();
    const state = { spec: process.spec, beats: process.beats };
    const pages = { state, bytes: this.#imageBytes, signal, onProgress: options.onProgress };
    const image = await writeImage(this.#streams ? sink : withoutPages(sink), pages);
    signal.throwIfAborted();
    const held = {
      hold,
      runtime: image.record,
      facts: { arch: globalThis.process.arch, runtime: DRIVER_ID },
      timings: [{ phase: 'dump', ms: performance.now() - started }],
    };
    this.node.holds.set(hold.id, { hold, sealed: { held, parts: image.parts } });
    return held;
  }

  async release(hold: Hold, mode: ReleaseMode, _signal: AbortSignal): Promise<readonly Timing[]> {
    const found = this.node.processes.get(hold.workload.name);
    if (this.node.holds.delete(hold.id)) {
      if (mode === 'stop') found?.end(SIGKILL_EXIT);
      else found?.thaw();
      return [];
    }
    const ended = found?.exitCode !== undefined || found === undefined;
    const done = mode === 'stop' ? ended : !ended && !found.frozen;
    if (!done) throw new GritError('GRIT_HOLD_NOT_FOUND', `there is no hold ${hold.id} on ${hold.workload.name}`);
    return [];
  }

  async holds(_signal: AbortSignal): Promise<readonly Hold[]> {
    return [...this.node.holds.values()].map(({ hold }) => hold);
  }

  async prepareRestore(source: ImageSource, target: RestoreTarget, signal: AbortSignal): Promise<PreparedRestore> {
    signal.throwIfAborted();
    checkRecord(source.runtime);
    if (!this.node.restored.has(target.restore)) this.#refuseLiving(target.workload);
    this.node.prepared.set(target.restore, target.workload.name);
    return { restore: target.restore, workload: target.workload, data: null, timings: [] };
  }

  async restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload> {
    signal.throwIfAborted();
    const done = this.node.restored.get(prepared.restore);
    if (done !== undefined) return { ...done, status: this.#status(prepared.workload) };
    if (!this.node.prepared.has(prepared.restore)) {
      throw new GritError('GRIT_RESTORE_FAILED', `restore ${prepared.restore} was not prepared`);
    }
    const started = performance.now();
    const { spec, beats } = await readImage(source);
    signal.throwIfAborted();
    this.#refuseLiving(prepared.workload);
    const { name } = prepared.workload;
    this.node.processes.set(name, new MemoryProcess({ ...spec, name }, this.node.nextPid(), source.checkpoint, beats));
    this.node.prepared.delete(prepared.restore);
    const timings = [{ phase: 'restore', ms: performance.now() - started }];
    const restored = { restore: prepared.restore, status: this.#status(prepared.workload), timings };
    this.node.restored.set(prepared.restore, restored);
    return restored;
  }

  async verify(restored: RestoredWorkload, _signal: AbortSignal): Promise<WorkloadStatus> {
    const status = this.#status(restored.status.workload);
    if (status.state === 'running' || status.state === 'exited') return status;
    throw new GritError('GRIT_RESTORE_FAILED', `workload ${status.workload.name} is ${status.state}`);
  }

  async abandonRestore(
    prepared: Pick<PreparedRestore, 'restore' | 'workload'>,
    _signal: AbortSignal,
  ): Promise<RestoredWorkload | undefined> {
    this.node.prepared.delete(prepared.restore);
    if (this.node.restored.delete(prepared.restore)) this.node.processes.delete(prepared.workload.name);
    return undefined;
  }

  async start(spec: WorkloadSpec, signal: AbortSignal): Promise<WorkloadStatus> {
    signal.throwIfAborted();
    const workload = { kind: 'container', name: checkName(spec.name, 'spec.name') };
    const living = this.node.processes.get(spec.name);
    if (living?.exitCode === undefined && living !== undefined) {
      if (isDeepStrictEqual(living.spec, spec)) return this.#status(workload);
      throw new GritError('GRIT_WORKLOAD_NAME_TAKEN', `workload ${spec.name} runs with another specification`);
    }
    const process = new MemoryProcess(spec, this.node.nextPid(), undefined, 0);
    this.node.processes.set(spec.name, process);
    if (spec.command[0] === 'exit') process.end(Number(spec.command[1] ?? 0));
    return this.#status(workload);
  }

  async inspect(workload: WorkloadRef, _signal: AbortSignal): Promise<WorkloadStatus> {
    return this.#status(workload);
  }

  async list(_signal: AbortSignal): Promise<readonly WorkloadStatus[]> {
    return [...this.node.processes.keys()].map((name) => this.#status({ kind: 'container', name }));
  }

  async stop(
    workload: WorkloadRef,
    options: { readonly graceMs: number },
    _signal: AbortSignal,
  ): Promise<WorkloadStatus> {
    const process = this.node.processes.get(workload.name);
    process?.end(process.frozen || options.graceMs === 0 ? SIGKILL_EXIT : SIGTERM_EXIT);
    for (const { hold } of this.node.holds.values()) {
      if (hold.workload.name === workload.name) this.node.holds.delete(hold.id);
    }
    return this.#status(workload);
  }

  async remove(workload: WorkloadRef, _signal: AbortSignal): Promise<void> {
    this.#refuseLiving(workload);
    this.node.processes.delete(workload.name);
  }

  #find(workload: WorkloadRef): MemoryProcess {
    const process = this.node.processes.get(workload.name);
    if (process) return process;
    throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `workload ${workload.name} is not on this node`);
  }

  #running(workload: WorkloadRef): MemoryProcess {
    const process = this.#find(workload);
    if (process.exitCode !== undefined) {
      throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `workload ${workload.name} has ended`);
    }
    if (process.frozen) throw new GritError('GRIT_WORKLOAD_HELD', `workload ${workload.name} is held`);
    return process;
  }

  #refuseLiving(workload: WorkloadRef): void {
    const { state } = this.#status(workload);
    if (state !== 'running' && state !== 'held') return;
    throw new GritError('GRIT_WORKLOAD_RUNNING', `workload ${workload.name} is ${state}`);
  }

  #status(workload: WorkloadRef): WorkloadStatus {
    const process = this.node.processes.get(workload.name);
    if (process === undefined) return { workload, state: 'missing' };
    const { exitCode, startedAt, restoredFrom } = process;
    if (exitCode !== undefined) {
      return { workload, state: 'exited', exitCode, startedAt, finishedAt: process.finishedAt, restoredFrom };
    }
    return { workload, state: process.frozen ? 'held' : 'running', pid: process.pid, startedAt, restoredFrom };
  }
}

/** The sink as a driver sees it that knows nothing of streams. */
function withoutPages(sink: ImageSink): ImageSink {
  return { directory: sink.directory, add: (part) => sink.add(part) };
}
