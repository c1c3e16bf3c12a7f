// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Pod } from '../../api/core-kinds.js';
import { API_VERSION, KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';

/** So long that a label can have it. */
const LONGEST_NAME = 63;

/** The Migration of one pod that a selector chose. It goes with its parent. */
export function childOf(parent: Migration, pod: Pod): Migration {
  const { podName: _podName, selector: _selector, parallelism: _parallelism, ...spec } = parent.spec;
  const { metadata } = parent;
  return {
    apiVersion: API_VERSION,
    kind: 'Migration',
    metadata: {
      name: childNameOf(parent, pod),
      namespace: metadata.namespace,
      ...(metadata.name.length > LONGEST_NAME ? {} : { labels: { [KEYS.migration]: metadata.name } }),
      annotations: { [KEYS.podUid]: pod.metadata.uid ?? '' },
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'Migration', name: metadata.name, uid: metadata.uid ?? '', controller: true },
      ],
    },
    spec: { ...spec, podName: pod.metadata.name },
  };
}

/** The same for the same pod, so that it is made once. */
export function childNameOf(parent: Migration, pod: Pod): string {
  const plain = `${parent.metadata.name}-${pod.metadata.name}`;
  if (plain.length <= LONGEST_NAME) return plain;
  const hash = createHash('sha256')
    .update(`${parent.metadata.uid ?? ''}/${pod.metadata.uid ?? ''}`)
    .digest('hex')
    .slice(0, 10);
  return `${plain.slice(0, LONGEST_NAME - 11).replace(/[.-]+$/, '')}-${hash}`;
}

/** UID of the Migration whose selector chose this one's pod. */
export function parentUidOf({ metadata }: Pick<Migration, 'metadata'>): string | undefined {
  return metadata.ownerReferences?.find(({ apiVersion, kind }) => apiVersion === API_VERSION && kind === 'Migration')
    ?.uid;
}
