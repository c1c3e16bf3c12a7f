// SPDX-License-Identifier: Apache-2.0
import { PODS } from '../../api/core-kinds.js';
import type { Restore } from '../../api/restore.js';
import { isGone, isTerminating } from '../../pods/pod-state.js';
import type { AdmissionContext } from '../admission-context.js';

/** Whether a pod that lives has taken the Restore, by the API server and not by a cache: then no other pod is the one. */
export async function hasLivePod(
  { client }: AdmissionContext,
  { metadata, status }: Restore,
  signal: AbortSignal,
): Promise<boolean> {
  const { targetPod: name, targetPodUID } = status ?? {};
  if (name === undefined || targetPodUID === undefined) return false;
  const pod = await client.find(PODS, { namespace: metadata.namespace ?? '', name }, signal);
  return pod !== undefined && !isGone(pod, targetPodUID) && !isTerminating(pod);
}
