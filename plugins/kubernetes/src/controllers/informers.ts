// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { AdmissionInformers } from '../admission/admission-context.js';
import type { Checkpoint } from '../api/checkpoint.js';
import { CLAIMS, LEASES, NODES, PODS, type Claim, type KubeNode, type Lease, type Pod } from '../api/core-kinds.js';
import { KEYS } from '../api/group.js';
import { CHECKPOINTS, GRIT_NODES, MIGRATIONS, RESTORES, STORES } from '../api/kinds.js';
import type { Migration } from '../api/migration.js';
import type { Restore } from '../api/restore.js';
import { aborted } from '../kit/aborted.js';
import { defined } from '../kit/defined.js';
import { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';
import { claimsOf } from '../claims/claim-pod.js';
import { trimPod } from '../pods/trim-pod.js';
import { checkpointRefOf } from '../pods/checkpoint-ref.js';
import { keyOf } from '../kit/keys.js';

/**
 * Copies of all objects that decisions stand on. Indexes: checkpoints by podUID, podName (`namespace/name`) and searching (namespace; of those
 * that look for a pod by its labels); restores by checkpoint; pods by restoreName, claim (all `namespace/name`) and namespace.
 */
export interface Informers extends AdmissionInformers {
  readonly migrations: Informer<Migration>;
  readonly claims: Informer<Claim>;
  /** Heartbeats of agents, in the namespace of GRIT. */
  readonly leases: Informer<Lease>;
}

/** Makes the caches; nothing is read before they are started. */
export function makeInformers(client: KubeClient, namespace: string, logger: Logger): Informers {
  return {
    checkpoints: new Informer(client, CHECKPOINTS, { indexes: { podUID, podName, searching } }, logger),
    restores: new Informer(client, RESTORES, { indexes: { checkpoint: checkpointOf } }, logger),
    migrations: new Informer(client, MIGRATIONS, {}, logger),
    stores: new Informer(client, STORES, {}, logger),
    gritNodes: new Informer(client, GRIT_NODES, {}, logger),
    pods: new Informer(
      client,
      PODS,
      { keep: trimPod, indexes: { restoreName, claim: claimsInNamespace, namespace: namespaceOf } },
      logger,
    ),
    nodes: new Informer(client, NODES, { keep: trimNode }, logger),
    claims: new Informer(client, CLAIMS, {}, logger),
    leases: new Informer(client, LEASES, { namespace }, logger),
  };
}

/** Starts them all; returns when they are filled. */
export async function fillInformers(informers: Informers, signal: AbortSignal): Promise<void> {
  const all: readonly Informer<never>[] = Object.values(informers) as never;
  for (const informer of all) informer.start(signal);
  await Promise.race([Promise.all(all.map(({ synced }) => synced)), aborted(signal)]);
}

function podUID({ status }: Checkpoint): readonly string[] {
  return status?.podUID === undefined ? [] : [status.podUID];
}

function podName({ metadata, spec, status }: Checkpoint): readonly string[] {
  const name = spec.podName ?? status?.podName;
  return name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`];
}

function searching({ metadata, spec, status }: Checkpoint): readonly string[] {
  return spec.selector !== undefined && status?.podUID === undefined ? [metadata.namespace ?? ''] : [];
}

function checkpointOf(restore: Restore): readonly string[] {
  return [keyOf({ metadata: checkpointRefOf(restore) })];
}

function restoreName({ metadata }: Pod): readonly string[] {
  const name = metadata.annotations?.[KEYS.restoreName];
  return name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`];
}

function claimsInNamespace(pod: Pod): readonly string[] {
  return claimsOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`);
}

function namespaceOf({ metadata }: Pod): readonly string[] {
  return [metadata.namespace ?? ''];
}

/** Lists of images make a Node large. */
function trimNode({ apiVersion, kind, metadata, spec, status }: KubeNode): KubeNode {
  const { name, uid, resourceVersion, labels, deletionTimestamp } = metadata;
  return defined({
    apiVersion,
    kind,
    metadata: defined({ name, uid, resourceVersion, labels, deletionTimestamp }),
    spec: spec && defined({ unschedulable: spec.unschedulable, taints: spec.taints }),
    status:
      status &&
      defined({
        conditions: status.conditions?.map(({ type, status: is }) => ({ type, status: is })),
        nodeInfo: status.nodeInfo,
        allocatable: status.allocatable,
      }),
  });
}
