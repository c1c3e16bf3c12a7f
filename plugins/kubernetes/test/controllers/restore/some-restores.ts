// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../../src/api/checkpoint.js';
import type { Pod } from '../../../src/api/core-kinds.js';
import { API_VERSION, KEYS } from '../../../src/api/group.js';
import type { Restore, RestoreSpec, RestoreStatus } from '../../../src/api/restore.js';
import type { StatusError, StepReport } from '../../../src/api/step.js';
import type { RestoreFacts } from '../../../src/controllers/restore/restore-facts.js';
import { jobPod } from '../../pods/some-pods.js';

export const NOW = new Date('2026-11-28T04:00:00.000Z');

export function someCheckpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    apiVersion: API_VERSION,
    kind: 'Checkpoint',
    metadata: { name: 'demo', namespace: 'default', uid: 'checkpoint-uid' },
    spec: { podName: 'train-old' },
    status: { phase: 'Checkpointed', podUID: 'source-uid', podName: 'train-old', nodeName: 'node-a' },
    ...changes,
  };
}

export function someRestore(spec: Partial<RestoreSpec> = {}, status: RestoreStatus = {}): Restore {
  return {
    apiVersion: API_VERSION,
    kind: 'Restore',
    metadata: {
      name: 'demo',
      namespace: 'default',
      uid: 'restore-uid',
      generation: 1,
      annotations: { [KEYS.podSpecHash]: '1-ab' },
    },
    spec: {
      checkpointName: 'demo',
      ownerRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'train', uid: 'job-uid' },
      ...spec,
    },
    status,
  };
}

/** The pod that took the Restore, on node-b. */
export function targetPod(changes: Partial<Pod['spec']> = {}): Pod {
  const pod = jobPod({
    metadata: { name: 'train-new', uid: 'target-uid', annotations: { [KEYS.reservation]: 'ticket' } },
    spec: { nodeName: 'node-b', ...changes },
  });
  return { ...pod, status: { phase: 'Pending' } };
}

/** All is well, and nobody waits for anything but what is given. */
export function someFacts(changes: Partial<RestoreFacts> = {}): RestoreFacts {
  return {
    restore: someRestore(),
    checkpoint: { is: 'usable', checkpoint: someCheckpoint() },
    source: { is: 'gone', namespace: 'default', pod: 'train-old' },
    target: undefined,
    claimant: undefined,
    guarded: true,
    reservedMs: 0,
    agent: 'ready',
    claim: undefined,
    destined: undefined,
    excluded: undefined,
    now: NOW,
    ...changes,
  };
}

export function reported(token: string, changes: Partial<StepReport>): StepReport {
  return { token, phase: 'Succeeded', startedAt: NOW.toISOString(), ...changes };
}

export function statusError(retryable: boolean): StatusError {
  return {
    code: retryable ? 'GRIT_STORAGE_UNAVAILABLE' : 'GRIT_IMAGE_PART_CORRUPT',
    message: retryable ? 'the store does not answer' : 'part pages is damaged',
    hint: 'Look at the store.',
    retryable,
  };
}
