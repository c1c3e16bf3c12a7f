// SPDX-License-Identifier: Apache-2.0
import { PERSISTENT_VOLUMES, type Pod } from '../api/core-kinds.js';
import { claimsOf } from '../claims/claim-pod.js';
import type { TiedVolume } from '../placement/pod-rules.js';
import type { ControlContext } from './context.js';

/** The volumes of a pod that not every node has: local ones, those of a zone. Asked of the API server; most pods have none. */
export async function tiedVolumes(
  { client, informers }: Pick<ControlContext, 'client' | 'informers'>,
  pod: Pod,
  signal: AbortSignal,
): Promise<readonly TiedVolume[]> {
  const { namespace = '' } = pod.metadata;
  const found = claimsOf(pod).map(async (claim): Promise<TiedVolume | undefined> => {
    const name = informers.claims.get({ namespace, name: claim })?.spec?.volumeName;
    // Not known here, or not bound: the scheduler sees to it.
    if (name === undefined || name === '') return undefined;
    const volume = await client.find(PERSISTENT_VOLUMES, { name }, signal);
    const nodes = volume?.spec?.nodeAffinity?.required;
    return nodes === undefined ? undefined : { claim, nodes };
  });
  return (await Promise.all(found)).filter((volume) => volume !== undefined);
}
