// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import { keyOf } from '../../kit/keys.js';
import { isClaimPod, isTerminal } from '../../pods/pod-state.js';
import type { ControlContext } from '../context.js';

/** Looks at Checkpoints whenever something has changed that they depend on. */
export function wakeCheckpoints(
  { informers }: ControlContext,
  enqueue: (key: string) => void,
  signal: AbortSignal,
): void {
  const { checkpoints, restores, pods, gritNodes, stores, claims, nodes } = informers;
  const wake = (some: readonly Checkpoint[]): void => some.forEach((checkpoint) => enqueue(keyOf(checkpoint)));
  /** Those that wait for something to be there before they begin, or for a node to undo. */
  const waiting = (): readonly Checkpoint[] =>
    checkpoints.list().filter(({ status }) => status?.finishedAt === undefined);
  const ofPod = ({ metadata }: Pod): readonly Checkpoint[] => [
    ...checkpoints.by('podUID', metadata.uid ?? ''),
    ...checkpoints.by('podName', keyOf({ metadata })),
  ];
  const ends = [
    checkpoints.onChange(({ type, object, old }) => {
      enqueue(keyOf(object));
      // Its turn is over: the next Checkpoint of the pod may begin.
      const ended = object.status?.finishedAt !== undefined && old?.status?.finishedAt === undefined;
      if ((ended || type === 'deleted') && object.status?.podUID !== undefined) {
        wake(checkpoints.by('podUID', object.status.podUID));
      }
    }),
    restores.onChange(({ type, object, old }) => {
      if (type === 'modified' && object.status?.phase === old?.status?.phase) return;
      const { metadata, spec } = object;
      enqueue(`${spec.checkpointNamespace ?? metadata.namespace ?? ''}/${spec.checkpointName}`);
    }),
    pods.onChange(({ type, object, old }) => {
      if (isClaimPod(object)) wakeOwners(object, enqueue);
      else if (type !== 'modified' || old === undefined || matters(object, old)) {
        const known = ofPod(object);
        wake(known);
        // A selector finds its pod by labels.
        if (type === 'added') wake(waiting().filter(({ spec, status }) => spec.selector && !status?.podUID));
      }
    }),
    gritNodes.onChange(({ type, object, old }) => {
      if (type === 'modified' && object.status?.phase === old?.status?.phase) return;
      wake(waiting().filter(({ status }) => (status?.step?.node ?? status?.nodeName) === object.metadata.name));
    }),
    nodes.onChange(({ type, object }) => {
      if (type === 'deleted') wake(waiting().filter(({ status }) => status?.nodeName === object.metadata.name));
    }),
    stores.onChange(() => wake(waiting().filter(({ spec, status }) => !spec.volumeClaim && !status?.step))),
    claims.onChange(({ object }) => {
      const { namespace, name } = object.metadata;
      wake(
        waiting().filter(
          ({ metadata, spec, status }) =>
            !status?.step && metadata.namespace === namespace && spec.volumeClaim?.claimName === name,
        ),
      );
    }),
  ];
  signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  wake(checkpoints.list());
}

function matters(pod: Pod, old: Pod): boolean {
  return (
    pod.status?.phase !== old.status?.phase ||
    pod.spec.nodeName !== old.spec.nodeName ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    pod.metadata.uid !== old.metadata.uid ||
    isTerminal(pod) !== isTerminal(old) ||
    pod.status?.conditions?.length !== old.status?.conditions?.length ||
    JSON.stringify(pod.status?.conditions) !== JSON.stringify(old.status?.conditions)
  );
}

function wakeOwners({ metadata }: Pod, enqueue: (key: string) => void): void {
  for (const { kind, name } of metadata.ownerReferences ?? []) {
    if (kind === 'Checkpoint') enqueue(`${metadata.namespace ?? ''}/${name}`);
  }
}
