// SPDX-License-Identifier: Apache-2.0
import { NODES, PODS, type Pod } from '@grit/plugin-kubernetes';
import {
  deploymentObject,
  DEPLOYMENTS,
  jobObject,
  JOBS,
  podObject,
  STATEFUL_SETS,
  statefulSetObject,
  type Workload,
} from '../../simulated/workload-objects.js';
import type { KubePlatform } from '../kubernetes/platform.js';
import type { ResourceType } from '@grit/plugin-kubernetes';

export const NAMESPACE = 'default';
const never = new AbortController().signal;
const DAEMON_SETS: ResourceType<Workload> = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  namespaced: true,
};

/** Opens nodes for new pods, or closes them. */
async function cordon(platform: KubePlatform, nodes: readonly string[], unschedulable: boolean): Promise<void> {
  for (const name of nodes) await platform.client.patch(NODES, { name }, { spec: { unschedulable } }, {}, never);
}

/** Ten pods of all sorts on this node, while the others are closed. Returns them once they run, or have completed. */
export async function tenMixedPods(
  platform: KubePlatform,
  node: string,
  others: readonly string[],
): Promise<readonly Pod[]> {
  await cordon(platform, others, true);
  const logs = deploymentObject('logs', NAMESPACE, 1);
  const { replicas: _replicas, ...daemonSet } = logs.spec ?? {};
  await platform.create(JOBS, jobObject('train', NAMESPACE));
  await platform.create(JOBS, jobObject('done', NAMESPACE, { runMs: 1 }));
  await platform.create(DEPLOYMENTS, deploymentObject('web', NAMESPACE, 3));
  await platform.create(STATEFUL_SETS, statefulSetObject('db', NAMESPACE, 2));
  await platform.create(PODS, podObject('bare', NAMESPACE));
  const volumes = [{ name: 'disk', hostPath: { path: '/data' } }];
  await platform.create(DEPLOYMENTS, deploymentObject('disk', NAMESPACE, 1, { spec: { volumes } }));
  await platform.create(DAEMON_SETS, { metadata: logs.metadata, spec: daemonSet });
  const settled = (pods: readonly Pod[]): readonly Pod[] =>
    pods.filter(
      ({ spec, status, metadata }) =>
        spec.nodeName === node &&
        metadata.namespace === NAMESPACE &&
        (metadata.labels?.['app'] === 'done' ? status?.phase === 'Succeeded' : status?.phase === 'Running'),
    );
  const pods = await platform.untilAll(PODS, `ten pods on ${node}`, (all) => settled(all).length === 10);
  await cordon(platform, others, false);
  return settled(pods);
}
