// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { Checkpoint } from '../api/checkpoint.js';
import type { CheckpointStore } from '../api/checkpoint-store.js';
import { CLAIMS, LEASES, NODES, PODS, type Claim, type KubeNode, type Lease, type Pod } from '../api/core-kinds.js';
import type { GritNode } from '../api/grit-node.js';
import { KEYS } from '../api/group.js';
import { CHECKPOINTS, GRIT_NODES, MIGRATIONS, RESTORES, STORES } from '../api/kinds.js';
import type { Migration } from '../api/migration.js';
import type { Restore } from '../api/restore.js';
import { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';
import { claimsOf } from '../claims/claim-pod.js';
import { trimPod } from '../pods/trim-pod.js';

/** Copies of all objects that decisions stand on. */
export interface Informers {
  /** Indexes: podUID, podName (`namespace/name`), searching (namespace; of those that look for a pod by its labels). */
  readonly checkpoints: Informer<Checkpoint>;
  /** Indexes: checkpoint (`namespace/name`). */
  readonly restores: Informer<Restore>;
  readonly migrations: Informer<Migration>;
  readonly stores: Informer<CheckpointStore>;
  readonly gritNodes: Informer<GritNode>;
  /** Indexes: restoreName, claim (both `namespace/name`), namespace. */
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<KubeNode>;
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
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([Promise.all(all.map(({ synced }) => synced)), aborted]);
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

function checkpointOf({ metadata, spec }: Restore): readonly string[] {
  return [`${spec.checkpointNamespace ?? metadata.namespace ?? ''}/${spec.checkpointName}`];
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
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    ...(spec === undefined ? {} : { spec: { ...pick(spec) } }),
    ...(status === undefined
      ? {}
      : {
          status: {
            ...(status.conditions === undefined
              ? {}
              : { conditions: status.conditions.map(({ type, status: is }) => ({ type, status: is })) }),
            ...(status.nodeInfo === undefined ? {} : { nodeInfo: status.nodeInfo }),
            ...(status.allocatable === undefined ? {} : { allocatable: status.allocatable }),
          },
        }),
  };
}

function pick({ unschedulable, taints }: NonNullable<KubeNode['spec']>): NonNullable<KubeNode['spec']> {
  return { ...(unschedulable === undefined ? {} : { unschedulable }), ...(taints === undefined ? {} : { taints }) };
}
