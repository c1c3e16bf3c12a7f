// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { keyOf } from '../../kit/keys.js';
import { isClaimPod, isTerminal } from '../../pods/pod-state.js';
import { isUnfinished } from '../../steps/order-step.js';
import type { ControlContext } from '../context.js';

/** Looks at Restores whenever something has changed that they depend on. */
export function wakeRestores({ informers }: ControlContext, enqueue: (key: string) => void, signal: AbortSignal): void {
  const { restores, checkpoints, pods, gritNodes, nodes } = informers;
  const ofCheckpoint = (checkpoint: Checkpoint): void =>
    restores.by('checkpoint', keyOf(checkpoint)).forEach((restore) => enqueue(keyOf(restore)));
  const onNode = (node: string): void =>
    restores.list().forEach((restore) => {
      if (restore.status?.step?.node === node && isUnfinished(restore.status)) enqueue(keyOf(restore));
    });
  const ends = [
    restores.onChange(({ object }) => enqueue(keyOf(object))),
    checkpoints.onChange(({ object }) => ofCheckpoint(object)),
    pods.onChange(({ type, object: pod }) => {
      const { namespace = '', annotations, uid, deletionTimestamp } = pod.metadata;
      const restoreName = annotations?.[KEYS.restoreName];
      if (restoreName !== undefined) enqueue(`${namespace}/${restoreName}`);
      if (isClaimPod(pod)) restoresOf(pod).forEach(enqueue);
      const ends = type === 'deleted' || deletionTimestamp !== undefined || isTerminal(pod);
      if (ends && uid !== undefined) checkpoints.by('podUID', uid).forEach(ofCheckpoint);
    }),
    gritNodes.onChange(({ type, object, old }) => {
      if (type !== 'modified' || object.status?.phase !== old?.status?.phase) onNode(object.metadata.name);
    }),
    nodes.onChange(({ type, object }) => {
      if (type !== 'modified') onNode(object.metadata.name);
    }),
  ];
  signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  restores.list().forEach((restore) => enqueue(keyOf(restore)));
}

function restoresOf({ metadata }: Pod): readonly string[] {
  const owners = metadata.ownerReferences?.filter(({ kind }) => kind === 'Restore') ?? [];
  return owners.map(({ name }) => `${metadata.namespace ?? ''}/${name}`);
}
