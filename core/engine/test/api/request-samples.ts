// SPDX-License-Identifier: Apache-2.0
import type { OperationRequest } from '@grit/plugin-api';

const workload = { kind: 'container', name: 'train' };

/** One full request of each kind. */
export const samples: readonly OperationRequest[] = [
  {
    ...{ apiVersion: 'grit.dev/v1', kind: 'checkpoint', workload, idempotencyKey: 'k', requestedBy: 'cli' },
    ...{ afterCheckpoint: 'hold', storage: 'store', tcp: 'close', ttlMs: 3_600_000 },
  },
  { apiVersion: 'grit.dev/v1', kind: 'restore', checkpoint: 'ck-1', node: 'b', tcp: 'keep' },
  { apiVersion: 'grit.dev/v1', kind: 'restore', workload: { ...workload, namespace: 'a' } },
  { apiVersion: 'grit.dev/v1', kind: 'migrate', workload, to: 'b', storage: 'store' },
  {
    ...{ apiVersion: 'grit.dev/v1', kind: 'run', node: 'a' },
    spec: {
      name: 'train',
      command: ['python3', '-c', 'print("ü")', ''],
      env: { LC_ALL: 'C', 'npm.x-y': '' },
      workingDirectory: '/srv/a b',
      mounts: [
        { source: '/data', destination: '/data', readOnly: true },
        { source: '/', destination: '/host' },
      ],
      devices: [{ source: '/dev/kvm', destination: '/dev/kvm' }],
      limits: { memoryBytes: 1_048_576, cpus: 0.5, pids: 10 },
    },
  },
  { apiVersion: 'grit.dev/v1', kind: 'stop', workload, graceMs: 0 },
  { apiVersion: 'grit.dev/v1', kind: 'release', workload, mode: 'resume' },
  { apiVersion: 'grit.dev/v1', kind: 'delete', checkpoint: 'ck-1' },
  { apiVersion: 'grit.dev/v1', kind: 'delete', workload },
];
