// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { PODS } from '@grit/plugin-kubernetes';
import { patient, type Cluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import type { StatusTarget } from './parse-target.js';
import { lookAtScene } from './look-at-scene.js';
import { rowsOfScene } from './rows-of-scene.js';
import { showObject } from './show-object.js';

/** `kubectl grit status POD`: the newest that was done with the pod, or that made it go on. */
export async function showPod(context: KubeContext, cluster: Cluster, name: string): Promise<number> {
  const { client, namespace } = cluster;
  const scene = await lookAtScene(client, namespace, patient());
  const targets = new Set(
    [...scene.migrations, ...scene.restores]
      .filter(({ status }) => status?.targetPod === name)
      .map(({ metadata }) => metadata.uid),
  );
  const uidOf = (object: string): string | undefined => {
    const [kind, of] = object.split('/');
    const list = kind === 'migration' ? scene.migrations : kind === 'restore' ? scene.restores : scene.checkpoints;
    return list.find(({ metadata }) => metadata.name === of)?.metadata.uid;
  };
  const newest = rowsOfScene(scene, true).findLast(({ pod, object }) => pod === name || targets.has(uidOf(object)));
  if (newest !== undefined) {
    const [kind = '', of = ''] = newest.object.split('/');
    return await showObject(context, cluster, kind as Exclude<StatusTarget['kind'], 'pod' | 'node'>, of);
  }
  const there = await client.find(PODS, { namespace, name }, patient());
  const hint = `\`kubectl grit checkpoint ${name} -n ${namespace}\` takes an image of it.`;
  throw there === undefined
    ? new GritError(
        'GRIT_POD_NOT_FOUND',
        `there is no pod ${name} in namespace ${namespace}, and nothing was done with one`,
      )
    : new GritError('GRIT_CHECKPOINT_NOT_FOUND', `nothing was done with pod ${name} of namespace ${namespace} yet`, {
        hint,
      });
}
