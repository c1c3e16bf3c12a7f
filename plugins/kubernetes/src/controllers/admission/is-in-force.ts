// SPDX-License-Identifier: Apache-2.0
import type { AdmissionContext } from '../../admission/admission-context.js';
import { IN_FORCE, PROBE } from '../../admission/pods/mutate-pod.js';
import { PODS, type Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { KubeError } from '../../kit/kube-error.js';
import { coveredNamespaces } from './covered-namespaces.js';
import { SharedProbes } from './shared-probes.js';
import { WritesUnderWay } from './writes-under-way.js';

type Context = Pick<AdmissionContext, 'client' | 'settings'> & {
  readonly informers: Pick<AdmissionContext['informers'], 'restores'>;
};

/**
 * Whether new pods of a namespace come by our admission, and will until the Restore ends. Asked of the API server itself by a dry run, since a configuration
 * takes a moment to be in force. The answer that proves it is our refusal: quotas and policies of the namespace, which come after us, cannot hide it.
 *
 * Call it where the configurations are kept, in the leader: it waits until the Restore is in the cache that decides what is covered. Without `restoreName` any
 * Restore of the namespace will do, and may end. Throws KubeErrors, for example when the namespace is gone; false when the webhook does not answer.
 */
export async function isInForce(
  { client, informers, settings }: Context,
  namespace: string,
  signal: AbortSignal,
  restoreName?: string,
): Promise<boolean> {
  const restores = informers.restores.list();
  const wanted =
    restoreName === undefined ? restores : restores.filter(({ metadata }) => metadata.name === restoreName);
  if (!coveredNamespaces(wanted, settings.namespace).includes(namespace)) return false;
  await WritesUnderWay.of(client).settled();
  return SharedProbes.of(client).ask(namespace, () => ask(client, namespace, signal));
}

async function ask(client: Context['client'], namespace: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.create(PODS, probe(namespace), { dryRun: true }, signal);
    return false;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.message.includes(IN_FORCE)) return true;
    // Without the right to make pods nothing is found out: whoever asked is told which one is missing.
    if (error.message.includes('cannot create resource "pods"')) throw error;
    // Refused by somebody else: ours was not asked, or did not answer.
    if (error.message.includes('webhook') || error.status === 403 || error.status === 422) return false;
    throw error;
  }
}

function probe(namespace: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'grit-admission-probe', namespace, annotations: { [KEYS.admitted]: PROBE } },
    spec: { containers: [{ name: 'probe', image: 'never-started' }], automountServiceAccountToken: false },
  };
}
