// SPDX-License-Identifier: Apache-2.0
import type { KubeNode, Pod } from '../../api/core-kinds.js';
import type { Restore } from '../../api/restore.js';
import { describeExcluded } from '../../placement/compatible-nodes.js';
import { placementOfRestore } from '../../placement/placement-of-restore.js';
import { isScheduled } from '../../pods/pod-state.js';
import type { AdmissionContext } from '../admission-context.js';
import { checkpointFactOf } from '../restores/checkpoint-fact.js';
import { checkpointOf } from '../restores/source-of.js';
import { waysOut } from '../restores/ways-out.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import { HOSTNAME } from './only-on-hosts.js';

/** Where a pod may go on, and what it must tolerate there. */
export interface PodPlacement {
  /** Values of the hostname label. */
  readonly hosts: readonly string[];
  readonly tolerations: readonly Readonly<Record<string, unknown>>[];
}

/** The nodes on which the pod can go on from the Restore's checkpoint. Throws an AdmissionRefusal with the reasons when there is none. */
export async function placementFor(
  context: AdmissionContext,
  pod: Pod,
  restore: Restore,
  signal: AbortSignal,
): Promise<PodPlacement> {
  const { namespace = '', name } = restore.metadata;
  const checkpoint = await checkpointOf(context, restore, namespace, signal);
  const fact = checkpointFactOf(restore, checkpoint);
  if (fact.is === 'unusable') {
    const problem = `Restore ${name} waits for this pod, but cannot restore it: ${fact.message}. ${waysOut(restore)}`;
    throw new AdmissionRefusal('', problem, 'Conflict');
  }
  const { compatible, excluded } = placementOfRestore(context.informers, restore, checkpoint);
  if (compatible.length === 0) {
    throw new AdmissionRefusal(
      '',
      `Restore ${name} waits for this pod, but no node can go on from Checkpoint ${restore.spec.checkpointName}: ${describeExcluded(excluded)}`,
      'Conflict',
    );
  }
  if (isScheduled(pod) && !compatible.includes(pod.spec.nodeName ?? '')) {
    const against =
      excluded.find(({ node }) => node === pod.spec.nodeName)?.reasons.join(', ') ?? 'there is no such node';
    throw new AdmissionRefusal(
      'spec.nodeName',
      `Restore ${name} waits for this pod, but cannot go on on ${pod.spec.nodeName ?? ''} (${against}); leave nodeName out, or choose one of ${compatible.slice(0, 10).join(', ')}`,
      'Conflict',
    );
  }
  const { nodes } = context.informers;
  return {
    hosts: compatible.map((name) => hostnameOf(nodes.get({ name }), name)),
    tolerations: checkpoint?.status?.source?.tolerations ?? [],
  };
}

function hostnameOf(node: KubeNode | undefined, name: string): string {
  return node?.metadata.labels?.[HOSTNAME] ?? name;
}
