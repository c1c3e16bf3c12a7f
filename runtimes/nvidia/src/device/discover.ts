// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import type { DeviceProcess, DeviceUse } from '@grit/plugin-api';
import type { CheckpointApi } from '../cuda/checkpoint-api.js';
import { toGritError } from '../cuda/to-grit-error.js';
import type { Gpu } from '../nvml/gpus.js';
import type { GpuTools } from './gpu-tools.js';
import { isAlive } from './process-state.js';

/**
 * Which of the processes are CUDA processes: those that have a restore thread (facts of the driver: asking for the state says yes for some that are
 * none). A process without the library cannot be one, so a machine without GPUs is never asked for them.
 */
export async function discover(
  { cuda, nvml }: GpuTools,
  processes: readonly DeviceProcess[],
  signal: AbortSignal,
): Promise<readonly DeviceUse[]> {
  const candidates = await Promise.all(
    processes.map(async (process) => ((await hasLibrary(process.pid)) ? process : undefined)),
  );
  const users = await Promise.all(
    candidates
      .filter((candidate) => candidate !== undefined)
      .map(async (candidate) => ((await isCudaProcess(cuda, candidate, signal)) ? candidate : undefined)),
  );
  const found = users.filter((user) => user !== undefined);
  if (found.length === 0) return [];
  const [gpus, memory] = await Promise.all([nvml.gpus(signal), nvml.processes(signal)]);
  return Promise.all(
    found.map(async (user) => {
      const devices = gpusAt(gpus, await nodesOf(user.pid)).map(({ uuid }) => uuid);
      const own = memory.filter(({ pid }) => pid === user.pid);
      const memoryOn = devices.filter((uuid) => own.some(({ gpu }) => gpu === uuid));
      return {
        ...user,
        devices,
        ...(memoryOn.length === 0 ? {} : { memoryOn }),
        bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    }),
  );
}

/** Errors: as {@link toGritError} says. */
async function isCudaProcess(cuda: CheckpointApi, process: DeviceProcess, signal: AbortSignal): Promise<boolean> {
  try {
    return (await cuda.restoreThread(process.pid, signal)) !== undefined;
  } catch (cause) {
    // Of one that has ended in the meantime the driver may say anything.
    if (!signal.aborted && !(await isAlive(process))) return false;
    throw toGritError(cause);
  }
}

async function hasLibrary(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '')).includes('/libcuda.so');
}

/** The GPUs of these device nodes, in the order of their minors: `/dev/nvidia0` is the one with minor 0. */
export function gpusAt(gpus: readonly Gpu[], nodes: readonly string[]): readonly Gpu[] {
  const minors = nodes.map((node) => /^\/dev\/nvidia(\d+)$/.exec(node)?.[1]).filter((minor) => minor !== undefined);
  return gpus.filter(({ minor }) => minors.includes(String(minor))).sort((a, b) => a.minor - b.minor);
}

/** The devices that a process can see. */
export async function nodesOf(pid: number): Promise<readonly string[]> {
  const names = await readdir(`/proc/${pid}/root/dev`).catch(() => []);
  return names.map((name) => `/dev/${name}`);
}
