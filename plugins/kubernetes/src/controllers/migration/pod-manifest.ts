// SPDX-License-Identifier: Apache-2.0
import type { ControllerRevision, Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';
import { authorSpec } from '../../pods/author-placement.js';

const TOKEN_VOLUME = /^kube-api-access-/;
/** Written by network plugins about this very pod. */
const OF_THE_INSTANCE =
  /^(cni\.projectcalico\.org|k8s\.v1\.cni\.cncf\.io|k8s\.ovn\.org|kubernetes\.io\/config\.)|^grit\.dev\/(reservation|restore-name|checkpoint|admitted|author-placement)$/;

/** The manifest by which a bare pod is made anew: what its author wrote, without what this one instance was given. */
export function manifestOf(pod: Pod, migration: Migration): Pod {
  const { metadata } = pod;
  const spec = authorSpec(pod);
  const { nodeName: _node, ephemeralContainers: _debug, priority: _priority, ...wanted } = spec;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => !OF_THE_INSTANCE.test(key)),
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      labels: metadata.labels,
      annotations: { ...annotations, [KEYS.migrationUid]: migration.metadata.uid ?? '' },
      ownerReferences: metadata.ownerReferences,
    },
    spec: {
      ...wanted,
      // The name of its token's volume is chosen anew.
      volumes: (spec.volumes ?? []).filter(({ name }) => !TOKEN_VOLUME.test(String(name))),
      containers: spec.containers.map(withoutToken),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withoutToken) }),
    },
  };
}

/** Keeps a manifest. Like the Checkpoint it outlives its Migration while the pod is between two nodes. */
export function revisionOf(manifest: Pod, { metadata }: Migration): ControllerRevision {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionNameOf(metadata.uid ?? ''),
      namespace: metadata.namespace,
      ...(metadata.name.length > 63 ? {} : { labels: { [KEYS.migration]: metadata.name } }),
      annotations: { [KEYS.migrationUid]: metadata.uid ?? '' },
    },
    data: manifest,
    revision: 1,
  };
}

/** Name of the revision of a Migration. */
export function revisionNameOf(migrationUid: string): string {
  return `grit-pod-${migrationUid}`;
}

function withoutToken<C extends Pod['spec']['containers'][number]>(container: C): C {
  const mounts: unknown = container['volumeMounts'];
  if (!Array.isArray(mounts)) return container;
  const own = mounts.filter((mount: { name?: unknown }) => !TOKEN_VOLUME.test(String(mount.name)));
  return { ...container, volumeMounts: own };
}
