// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  type WorkloadLauncher,
  type WorkloadRef,
  type WorkloadSpec,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { writeBundle } from '../container/bundle.js';
import { awaitBeginning, awaitSupervisorEnd, settledBeginning, supervise } from '../container/supervisor.js';
import { destroyContainer } from '../container/container-state.js';
import { writeCriuOptions } from '../criu/criu-options.js';
import { endTools } from '../process/end-tools.js';
import { removeSealed, writeSealedJson } from '../files/sealed-json.js';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import { sendSignal } from '../process/process-facts.js';
import { throwIfAborted, waitUntil } from '../process/wait-until.js';
import { makeScratch, mountRoot } from '../rootfs/overlay-root.js';
import { asGritErrors } from '../as-grit-errors.js';
import { checkSpec } from './check-spec.js';
import { removeWorkload } from './remove-workload.js';
import { isSameSpec, newRecord, refOf } from './workload-record.js';
import { viewWorkload, type WorkloadView } from './workload-status.js';

const END_LIMIT_MS = 20_000;

/** Starts workloads as runc containers whose root is an overlay of the host's root. */
export class RuncWorkloadLauncher implements WorkloadLauncher {
  constructor(private readonly node: NodeEnvironment) {}

  async start(spec: WorkloadSpec, signal: AbortSignal): Promise<WorkloadStatus> {
    return asGritErrors('GRIT_WORKLOAD_START_FAILED', async () => {
      throwIfAborted(signal);
      await checkSpec(spec);
      const view = await viewWorkload(this.node, refOf(spec));
      const { record, status, directory } = view;
      if (record !== undefined) {
        if (record.restore !== undefined || !isSameSpec(record.spec, spec)) throw taken(view, spec);
        if (status.state !== 'missing') return status;
        // A start that was cut short: runc may be about to succeed.
        await settledBeginning(directory);
        const late = (await viewWorkload(this.node, refOf(spec))).status;
        if (late.state !== 'missing') return late;
      }
      await removeWorkload(this.node, directory, record);
      try {
        return await this.#create(spec, signal);
      } catch (error) {
        const failed = await viewWorkload(this.node, refOf(spec));
        await removeWorkload(this.node, directory, failed.record);
        throw error;
      }
    });
  }

  async #create(spec: WorkloadSpec, signal: AbortSignal): Promise<WorkloadStatus> {
    const directory = this.node.workload(spec.name);
    const record = newRecord(this.node, spec);
    await mkdir(directory.path, { recursive: true, mode: 0o700 });
    await writeSealedJson(directory.record, record);
    await mkdir(directory.output, { mode: 0o755 });
    await writeFile(directory.log, '', { mode: 0o644 });
    await makeScratch(this.node, directory, signal);
    await mountRoot(this.node, directory, signal);
    await writeBundle(directory, record);
    await writeCriuOptions(this.node, directory, 'dump', 'refuse');
    throwIfAborted(signal);
    const args = ['run', '--bundle', directory.bundle, '--pid-file', directory.pidFile, record.container];
    await supervise(this.node, directory, args);
    const beginning = await awaitBeginning(directory, signal);
    if ('failure' in beginning) throw new GritError('GRIT_WORKLOAD_START_FAILED', beginning.failure);
    return (await viewWorkload(this.node, refOf(spec))).status;
  }

  async inspect(workload: WorkloadRef, signal: AbortSignal): Promise<WorkloadStatus> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () => (await viewWorkload(this.node, workload)).status);
  }

  async list(signal: AbortSignal): Promise<readonly WorkloadStatus[]> {
    throwIfAborted(signal);
    return asGritErrors('GRIT_INTERNAL', async () => {
      const names = await this.node.workloadNames();
      const views = await Promise.all(names.map(async (name) => viewWorkload(this.node, { kind: 'container', name })));
      return views.map(({ status }) => status).filter(({ state }) => state !== 'missing');
    });
  }

  async stop(
    workload: WorkloadRef,
    options: { readonly graceMs: number },
    signal: AbortSignal,
  ): Promise<WorkloadStatus> {
    return asGritErrors('GRIT_INTERNAL', async () => {
      throwIfAborted(signal);
      const { record, status, directory, hold } = await viewWorkload(this.node, workload);
      if (record === undefined || (status.state !== 'running' && status.state !== 'held')) return status;
      const ended = async (): Promise<WorkloadStatus | undefined> => {
        const now = await viewWorkload(this.node, workload);
        return now.status.state === 'exited' ? now.status : undefined;
      };
      if (status.state === 'running' && status.pid !== undefined && options.graceMs > 0) {
        sendSignal(status.pid, 'SIGTERM');
        await waitUntil(ended, { limitMs: options.graceMs, intervalMs: 20, signal });
      }
      // A dump under way would be in the way of the kill.
      if (hold !== undefined) {
        await endTools(hold.directory, 0);
        await unmountBelow([join(hold.directory, 'work')], this.node.env);
      }
      await (await ContainerCgroup.open(record.cgroup)).kill();
      const end = await waitUntil(ended, { limitMs: END_LIMIT_MS, signal });
      if (end === undefined) throw new GritError('GRIT_TIMEOUT', `workload ${workload.name} does not end`);
      if (hold !== undefined) await removeSealed(directory.hold);
      await awaitSupervisorEnd(directory, END_LIMIT_MS);
      await destroyContainer(this.node, directory, record);
      return end;
    });
  }

  async remove(workload: WorkloadRef, signal: AbortSignal): Promise<void> {
    return asGritErrors('GRIT_INTERNAL', async () => {
      throwIfAborted(signal);
      const { record, status, directory } = await viewWorkload(this.node, workload);
      if (status.state === 'running' || status.state === 'held') {
        throw new GritError('GRIT_WORKLOAD_RUNNING', `workload ${workload.name} is ${status.state}`);
      }
      await removeWorkload(this.node, directory, record);
    });
  }
}

function taken({ status, record }: WorkloadView, spec: WorkloadSpec): GritError {
  const what = status.state === 'missing' && record?.restore !== undefined ? 'is being restored' : `is ${status.state}`;
  return new GritError('GRIT_WORKLOAD_NAME_TAKEN', `a workload ${spec.name} with another specification ${what}`);
}
