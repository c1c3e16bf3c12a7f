// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { DeviceUse, PreflightFinding } from '@grit/plugin-api';
import type { Gpu } from '../nvml/gpus.js';
import { gpusAt, nodesOf } from './discover.js';
import { defectOf, FIRST_WITH_CHECKPOINT, FIRST_WITH_MAP, majorOf } from './driver-version.js';
import type { GpuTools } from './gpu-tools.js';

/** See DeviceDriver.preflight: what the driver, the GPUs and the environment of the processes say. */
export async function preflight(
  { nvml }: GpuTools,
  uses: readonly DeviceUse[],
  signal: AbortSignal,
): Promise<readonly PreflightFinding[]> {
  if (uses.length === 0) return [];
  const [version, gpus] = await Promise.all([nvml.driverVersion(signal), nvml.gpus(signal)]);
  const own = await Promise.all(uses.map(async (use) => processFindings(use, version, gpus)));
  return [...versionFindings(version), ...own.flat()];
}

function versionFindings(version: string): readonly PreflightFinding[] {
  const major = majorOf(version);
  if (major < FIRST_WITH_CHECKPOINT) {
    return [
      blocker('driver-version', `the NVIDIA driver ${version} cannot checkpoint`, {
        hint: `Install driver ${FIRST_WITH_CHECKPOINT} or later; ${FIRST_WITH_MAP} to restore on other GPUs.`,
      }),
    ];
  }
  const findings: PreflightFinding[] = [];
  if (major < FIRST_WITH_MAP) {
    findings.push(
      warning('driver-version', `with the NVIDIA driver ${version} a restore works only on the very same GPUs`, {
        hint: `Driver ${FIRST_WITH_MAP} or later restores on other GPUs of the same model.`,
      }),
    );
  }
  const defect = defectOf(version);
  if (defect !== undefined) {
    findings.push(
      warning('driver-defect', `the NVIDIA driver ${version} has a known defect: ${defect}`, {
        hint: 'Use another version of the driver where you can.',
      }),
    );
  }
  return findings;
}

async function processFindings(
  { pid, devices }: DeviceUse,
  version: string,
  gpus: readonly Gpu[],
): Promise<readonly PreflightFinding[]> {
  const [environment, mounts, maps, visible] = await Promise.all([
    environmentOf(pid),
    readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/maps`, 'utf8').catch(() => ''),
    nodesOf(pid).then((nodes) => gpusAt(gpus, nodes)),
  ]);
  const findings: PreflightFinding[] = [];
  const partitioned = visible.find(({ mig }) => mig);
  if (partitioned !== undefined) {
    findings.push(
      blocker('mig', `GPU ${partitioned.uuid} is partitioned (MIG), which the driver cannot checkpoint`, {
        hint: 'Run the workload on a whole GPU.',
        pid,
      }),
    );
  }
  if (environment.has('CUDA_MPS_PIPE_DIRECTORY') || maps.includes('/nvidia-mps/')) {
    findings.push(
      blocker('mps', 'the process shares its GPU through MPS, which the driver cannot checkpoint', {
        hint: 'Run the workload without MPS: it then shares the GPU by time.',
        pid,
      }),
    );
  }
  if (isMadeByHook(mounts)) {
    findings.push(
      blocker('legacy-gpu-hook', 'the GPU was put into the container by the old runtime hook', {
        hint: 'Use CDI: set the mode of the NVIDIA container toolkit or device plugin to cdi. Only then containerd knows the devices.',
        pid,
      }),
    );
  }
  const chosen = environment.get('CUDA_VISIBLE_DEVICES');
  if (chosen !== undefined && chosen.split(',').length < devices.length) {
    findings.push(
      warning('visible-devices', `CUDA_VISIBLE_DEVICES=${chosen} hides GPUs that the container has`, {
        hint: 'Give the container exactly its GPUs: a restore on others can fail otherwise (NVIDIA/cuda-checkpoint#35).',
        pid,
      }),
    );
  }
  if (maps.includes('/libnccl') && environment.get('NCCL_NVLS_ENABLE') !== '0') {
    findings.push(
      warning('nccl', 'NCCL is in use with NVLink multicast not switched off: a checkpoint can hang', {
        hint: 'Set NCCL_NVLS_ENABLE=0; docs/guides/gpu.md has the whole profile and what it costs.',
        pid,
      }),
    );
  }
  if (maps.includes('/libnccl') && environment.get('NCCL_P2P_DISABLE') !== '1') {
    findings.push(
      warning('nccl-p2p', `NCCL may share memory between GPUs, which the driver ${version} cannot restore`, {
        hint: 'Set NCCL_P2P_DISABLE=1; docs/guides/gpu.md has the whole profile and what it costs.',
        pid,
      }),
    );
  }
  return findings;
}

async function environmentOf(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return new Map(
    text
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** The hook mounts what is not in the specification: CRIU then knows mounts that the runtime does not. */
function isMadeByHook(mountinfo: string): boolean {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .some((place) => place === '/proc/driver/nvidia' || place.startsWith('/proc/driver/nvidia/gpus/'));
}

type Rest = Pick<PreflightFinding, 'hint' | 'pid'>;

function blocker(reason: string, message: string, rest: Rest): PreflightFinding {
  return { severity: 'blocker', reason, message, ...rest };
}

function warning(reason: string, message: string, rest: Rest): PreflightFinding {
  return { severity: 'warning', reason, message, ...rest };
}
