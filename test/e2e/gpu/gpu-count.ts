// SPDX-License-Identifier: Apache-2.0
import { PYTHON_IMAGE } from '../../cluster/index.js';
import type { Manifest } from '../../workloads/manifests/manifest.js';
import { DRIVER_FOLDER, GPU_RESOURCE } from './node-gpus.js';

/** A process that counts in the memory of a GPU. */
export interface GpuCounter {
  /** Its log in the claim `shared`; see `readGpuLog`. */
  readonly log: string;
  readonly seed: number;
  /** Size of what it counts in; default 1. */
  readonly mib?: number;
  /** Steps that it does only together with others, in a collective; default: alone. */
  readonly rank?: { readonly group: string; readonly ranks: number; readonly rank: number };
}

/** Size of what each of them counts in, if nothing else is said. */
export const COUNTER_MIB = 1;
const INTERVAL_MS = 50;

/**
 * A container with one GPU, in which these processes count. The image has a C library and a shell; the rest comes with the GPU.
 * @param memory - its limit; default: none
 */
export function gpuContainer(name: string, counters: readonly GpuCounter[], memory?: string): Record<string, unknown> {
  const commands = counters.map(({ log, seed, rank, mib = COUNTER_MIB }) => {
    const together = rank === undefined ? '' : ` --ranks ${rank.ranks} --rank ${rank.rank} --group ${rank.group}`;
    const words = `--mib ${mib} --seed ${seed} --interval-ms ${INTERVAL_MS}${together}`;
    return `${DRIVER_FOLDER}/simgpu-count ${words} >>/shared/${log} 2>&1`;
  });
  return {
    name,
    image: PYTHON_IMAGE,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', `${commands.join(' & ')} & wait`],
    volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    resources: { limits: { [GPU_RESOURCE]: 1, ...(memory === undefined ? {} : { memory }) } },
  };
}

/** What a pod with such containers is made of. */
export function gpuPodSpec(containers: readonly Record<string, unknown>[], node?: string): Record<string, unknown> {
  return {
    containers,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
    volumes: [{ name: 'shared', persistentVolumeClaim: { claimName: 'shared' } }],
  };
}

/** A pod with such containers. */
export function gpuPod(name: string, containers: readonly Record<string, unknown>[], node?: string): Manifest {
  const metadata = { name, namespace: 'default', labels: { app: name } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: gpuPodSpec(containers, node) };
}
