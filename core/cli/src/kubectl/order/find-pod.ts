// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { PODS, type KubeClient, type Pod } from '@grit/plugin-kubernetes';

/** The pod of this name. Throws GRIT_POD_NOT_FOUND. */
export async function findPod(client: KubeClient, namespace: string, name: string, signal: AbortSignal): Promise<Pod> {
  // `kubectl get pods -o name` prints it so.
  const ref = { namespace, name: name.replace(/^pods?\//, '') };
  const pod = await client.find(PODS, ref, signal);
  if (pod !== undefined) return pod;
  throw new GritError('GRIT_POD_NOT_FOUND', `there is no pod ${ref.name} in namespace ${namespace}`, {
    hint: `\`kubectl get pods -n ${namespace}\` lists them; -n NAME is another namespace.`,
  });
}
