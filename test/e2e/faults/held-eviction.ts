// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CHECKPOINTS } from '@grit/plugin-kubernetes';
import type { KubePlatform } from '../kubernetes/platform.js';
import { budgetObject } from '../../simulated/workload-objects.js';
import { moveJobs, startJobs, type MovedJob } from './moved-jobs.js';

const NAMESPACE = 'default';

/** A migration whose pod is frozen and may not be evicted. */
export interface HeldEviction {
  readonly job: MovedJob;
  /** From now on it may. */
  letGo(): Promise<void>;
}

/** Moves a Job up to the eviction of its pod, which a PodDisruptionBudget is against. */
export async function holdEviction(platform: KubePlatform, name: string): Promise<HeldEviction> {
  const [job] = await startJobs(platform, [name]);
  assert.ok(job);
  await platform.cluster.kubectlApply(JSON.stringify(budgetObject(name, NAMESPACE)));
  await moveJobs(platform, [job]);
  await platform.until(CHECKPOINTS, { namespace: NAMESPACE, name }, 'waits for the budget', ({ status }) =>
    (status?.conditions ?? []).some(({ reason, status: is }) => reason === 'EvictionRefused' && is === 'True'),
  );
  const letGo = async (): Promise<void> => {
    await platform.kubectl('delete', 'pdb', name, '--namespace', NAMESPACE);
  };
  return { job, letGo };
}
