// SPDX-License-Identifier: Apache-2.0
import { PODS } from '@grit/plugin-kubernetes';
import type { KubePlatform } from '../../test/e2e/kubernetes/platform.js';
import { deploymentObject, DEPLOYMENTS, jobObject, JOBS } from '../../test/simulated/workload-objects.js';
import { atOnce } from './at-once.js';

const REPLICAS = 50;

/** Half of the pods in Deployments of 50, half in Jobs of one; returns when all run. */
export async function startPods(platform: KubePlatform, count: number): Promise<void> {
  const namespace = 'default';
  const deployments = Math.floor(count / 2 / REPLICAS);
  const jobs = count - deployments * REPLICAS;
  await atOnce(deployments, (index) =>
    platform.create(DEPLOYMENTS, deploymentObject(`serve-${index}`, namespace, REPLICAS)),
  );
  await atOnce(jobs, (index) => platform.create(JOBS, jobObject(`train-${index}`, namespace)));
  await platform.untilAll(
    PODS,
    `${count} pods run`,
    (pods) => pods.filter(({ status }) => status?.phase === 'Running').length === count,
    900_000,
  );
}
