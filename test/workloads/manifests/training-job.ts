// SPDX-License-Identifier: Apache-2.0
import { TORCH_IMAGE } from '../../cluster/index.js';
import {
  metadataOf,
  podMetadata,
  podPlacement,
  pythonCommand,
  type Manifest,
  type WorkloadOptions,
} from './manifest.js';

export interface TrainingOptions extends WorkloadOptions {
  /** Each takes about 50 ms. */
  readonly steps: number;
  /** Name of the claim with its log, which is the file NAME.log there (`readTraining`). */
  readonly claim: string;
  /** Makes its memory larger by bytes that cannot be compressed, with a text at the beginning of each MiB. */
  readonly ballast?: { readonly mib: number; readonly text: string };
}

/** A Job with one PyTorch training (programs/train.py, image TORCH_IMAGE): never a second try, but for evictions. */
export function trainingJob(options: TrainingOptions): Manifest {
  const { name, steps, claim, ballast } = options;
  const env = [
    { name: 'STEPS', value: String(steps) },
    { name: 'OUT', value: `/out/${name}.log` },
    { name: 'OMP_NUM_THREADS', value: '1' },
    ...(ballast === undefined
      ? []
      : [
          { name: 'BALLAST_MIB', value: String(ballast.mib) },
          { name: 'BALLAST_TEXT', value: ballast.text },
        ]),
  ];
  const container = {
    name: 'train',
    image: TORCH_IMAGE,
    imagePullPolicy: 'Never',
    command: pythonCommand('train.py'),
    env,
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(options),
    spec: {
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: podMetadata(options),
        spec: {
          ...podPlacement(options),
          restartPolicy: 'Never',
          containers: [container],
          volumes: [{ name: 'out', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}
