// SPDX-License-Identifier: Apache-2.0
import { PYTHON_IMAGE } from '../../cluster/index.js';
import {
  metadataOf,
  podMetadata,
  podPlacement,
  pythonCommand,
  type Manifest,
  type WorkloadOptions,
} from './manifest.js';

export interface CounterOptions extends WorkloadOptions {
  /** Name of the claim with the logs, which are the files NAME.left, NAME.right and NAME.sidecar there (`checkCounters`). */
  readonly claim: string;
  /** How far they count, about 20 ms each; default: until somebody ends them. */
  readonly rounds?: number;
  /** Default PYTHON_IMAGE; TORCH_IMAGE has all that is needed too. */
  readonly image?: string;
  /** The sidecar is an init container that goes on beside the others, instead of one of them; default false. */
  readonly nativeSidecar?: boolean;
}

/**
 * A pod of two containers that count together over a connection inside the pod and over an emptyDir, and a sidecar that
 * follows the log of one of them (programs/counter.py, follow.py).
 */
export function counterPod(options: CounterOptions): Manifest {
  const { name, claim, rounds = 0, image = PYTHON_IMAGE, nativeSidecar = false } = options;
  const env = [
    { name: 'ROUNDS', value: String(rounds) },
    { name: 'OUT', value: `/out/${name}` },
    { name: 'SHARED', value: '/shared' },
  ];
  const volumeMounts = [
    { name: 'out', mountPath: '/out' },
    { name: 'shared', mountPath: '/shared' },
  ];
  const container = (role: string, command: readonly string[]): Record<string, unknown> => {
    return { name: role, image, imagePullPolicy: 'Never', command, env, volumeMounts };
  };
  const sidecar = container('sidecar', pythonCommand('follow.py'));
  const counting = ['left', 'right'].map((side) => container(side, pythonCommand('counter.py', side)));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadataOf(options), ...podMetadata(options) },
    spec: {
      ...podPlacement(options),
      restartPolicy: 'Never',
      ...(nativeSidecar
        ? { initContainers: [{ ...sidecar, restartPolicy: 'Always' }], containers: counting }
        : { containers: [...counting, sidecar] }),
      volumes: [
        { name: 'out', persistentVolumeClaim: { claimName: claim } },
        { name: 'shared', emptyDir: {} },
      ],
    },
  };
}
