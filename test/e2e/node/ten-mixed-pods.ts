// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { BUSYBOX_IMAGE } from '../../cluster/index.js';
import { counterPod, servingDeployment, tallySet } from '../../workloads/manifests.js';
import {
  metadataOf,
  podMetadata,
  podPlacement,
  type Manifest,
  type WorkloadOptions,
} from '../../workloads/manifests/manifest.js';
import { checkTally } from '../../workloads/tally-log.js';
import { readLines } from '../../workloads/training-log.js';

/** Names of those that go on elsewhere, the same as their label `app`; of `web` there are two pods. */
export const MOVED = ['alone', 'counters', 'job', 'set', 'tally', 'web'];
/** Those that stay: of a DaemonSet, with files of the node, and with processes that no checkpoint can carry. */
export const STAYING = ['agent', 'disk', 'joined'];
/** Of these, the ones whose log is a list of numbers. */
export const TALLIES = ['alone', 'job', 'set', 'tally', ...STAYING];

/**
 * Ten pods of all sorts, whose logs tell what was lost or doubled: three without an owner, two of a Deployment behind a Service, one each
 * of a StatefulSet with a claim, a ReplicaSet, a Job and a DaemonSet, and one that has files of its node.
 */
export function tenMixedPods(claim: string, folder: string): readonly Manifest[] {
  const pod = (name: string, more: object = {}): { metadata: object; spec: object } => {
    const options: WorkloadOptions = { name };
    const spec = { ...podPlacement(options), containers: [tallying(name)], volumes: [volumeOf(claim)], ...more };
    return { metadata: podMetadata(options), spec };
  };
  const owned = (apiVersion: string, kind: string, name: string, spec: object): Manifest => {
    return { apiVersion, kind, metadata: metadataOf({ name }), spec };
  };
  const bare = (name: string, more: object): Manifest => {
    const { metadata, spec } = pod(name, more);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadataOf({ name }), ...metadata }, spec };
  };
  const set = (name: string): object => ({ selector: { matchLabels: { app: name } }, template: pod(name) });
  const hostPath = { path: '/var/lib/disk', type: 'DirectoryOrCreate' };
  return [
    bare('alone', { restartPolicy: 'Always' }),
    counterPod({ name: 'counters', claim }),
    ...servingDeployment({ name: 'web', replicas: 2 }),
    ...tallySet({ name: 'tally', hostPath: join(folder, 'data') }),
    owned('apps/v1', 'ReplicaSet', 'set', { replicas: 1, ...set('set') }),
    owned('batch/v1', 'Job', 'job', {
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: pod('job', { restartPolicy: 'Never' }),
    }),
    // Elsewhere there is no other of it, so that nobody else writes its log.
    owned('apps/v1', 'DaemonSet', 'agent', { ...set('agent'), template: pod('agent', onNode('node-a')) }),
    bare('disk', { volumes: [volumeOf(claim), { name: 'disk', hostPath }] }),
    bare('joined', { shareProcessNamespace: true }),
  ];
}

/** How far the pod of `TALLIES` has counted. Throws an AssertionError where it began anew, or a number is lost or doubled. */
export function tallyOf(name: string, folder: string): number {
  const lines = readLines(name === 'tally' ? join(folder, 'data', 'tally') : join(folder, name));
  return checkTally(lines, name);
}

/** Lets the Job end. */
export const ENOUGH = 'enough';

/** Counts in memory, into a file that stays open: "started" at each start, then numbers; until there is the file ENOUGH. */
function tallying(name: string): object {
  const script = `exec 3>>/out/${name}; echo started >&3; n=0
    while [ ! -e /out/${name}.${ENOUGH} ]; do n=$((n + 1)); echo $n >&3; usleep 50000; done`;
  return {
    name: 'main',
    image: BUSYBOX_IMAGE,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  };
}

function volumeOf(claimName: string): object {
  return { name: 'out', persistentVolumeClaim: { claimName } };
}

function onNode(node: string): object {
  return { nodeSelector: { 'kubernetes.io/hostname': node } };
}
