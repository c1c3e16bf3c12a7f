// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from '../cluster/index.js';
import { asList, trainingJob, type TrainingOptions } from './manifests.js';
import { checkTraining, readTraining } from './training-log.js';

export interface UndisturbedTraining {
  /** Of the final weights. */
  readonly sha256: string;
  /** Of each step, as text. */
  readonly losses: readonly string[];
}

/**
 * Runs a training to its end that nobody disturbs, in the same image, and removes its Job: what a disturbed one of as
 * many steps has to give. `folder` is the one behind the claim. Throws ClusterError, AssertionError.
 */
export async function runUndisturbed(
  cluster: Pick<Cluster, 'kubectl' | 'kubectlApply'>,
  folder: string,
  options: TrainingOptions,
): Promise<UndisturbedTraining> {
  const { name, namespace = 'default', steps } = options;
  const job = ['-n', namespace, `job/${name}`];
  await cluster.kubectlApply(asList(trainingJob(options)));
  await cluster.kubectl('wait', ...job, '--for=condition=Complete', '--timeout=300s');
  await cluster.kubectl('delete', ...job, '--timeout=60s');
  const log = readTraining(folder, name);
  return { sha256: checkTraining(log, steps), losses: log.losses };
}
