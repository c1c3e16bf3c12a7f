// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import type { KubeObject } from '../../api/metadata.js';
import { placeInStore, storeIn } from '../../api/storage-place.js';
import { keyOf } from '../../kit/keys.js';
import { claimsOf } from '../../claims/claim-pod.js';
import { isNodeReady } from '../../placement/node-rules.js';
import { isClaimPod, isTerminal } from '../../pods/pod-state.js';
import type { ControlContext } from '../context.js';
import { isActive, rankOf } from './rival.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';

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
  const unordered = (): readonly Checkpoint[] => waiting().filter(({ status }) => status?.step?.name !== 'checkpoint');
  /** Those that go when a node has deleted what they have in a store. */
  const leaving = (): readonly Checkpoint[] =>
    checkpoints.list().filter(({ metadata, status }) => {
      return metadata.deletionTimestamp !== undefined && storeIn(status?.storage) !== undefined;
    });
  const rivals = ({ metadata, spec, status }: Checkpoint): readonly Checkpoint[] => {
    const name = spec.podName ?? status?.podName;
    const others = [
      ...(status?.podUID === undefined ? [] : checkpoints.by('podUID', status.podUID)),
      ...(name === undefined ? [] : checkpoints.by('podName', `${metadata.namespace ?? ''}/${name}`)),
    ];
    return others.filter((other) => other.metadata.uid !== metadata.uid && isActive(other));
  };
  const ofPod = ({ metadata }: Pod): readonly Checkpoint[] => [
    ...checkpoints.by('podUID', metadata.uid ?? ''),
    ...checkpoints.by('podName', keyOf({ metadata })),
  ];
  const ends = [
    checkpoints.onChange(({ type, object, old }) => {
      enqueue(keyOf(object));
      // Its turn is over, for good or until something is mended: the next Checkpoint of the pod may begin.
      const gaveWay = old !== undefined && (!isActive(object) || rankOf(object) < rankOf(old));
      if (type === 'deleted' || gaveWay) wake(rivals(object));
    }),
    restores.onChange(({ type, object, old }) => {
      if (type === 'modified' && object.status?.phase === old?.status?.phase) return;
      enqueue(keyOf({ metadata: checkpointRefOf(object) }));
    }),
    pods.onChange(({ type, object, old }) => {
      if (isClaimPod(object)) wakeOwners(object, enqueue);
      else if (type !== 'modified' || old === undefined || matters(object, old)) {
        wake(ofPod(object));
        // A selector finds its pod by labels, and only when it is the only one.
        wake(checkpoints.by('searching', object.metadata.namespace ?? ''));
      }
      // A claim that was in use may be free now.
      const left = type === 'deleted' || isTerminal(object);
      const claimNames = left ? claimsOf(object) : [];
      if (claimNames.length > 0) wake(unordered().filter((checkpoint) => mounts(checkpoint, object, claimNames)));
    }),
    gritNodes.onChange(({ type, object, old }) => {
      if (type === 'modified' && object.status?.phase === old?.status?.phase) return;
      wake(waiting().filter(({ status }) => (status?.step?.node ?? status?.nodeName) === object.metadata.name));
      wake(leaving());
    }),
    nodes.onChange(({ type, object, old }) => {
      if (type === 'modified' && old !== undefined && isNodeReady(object) === isNodeReady(old)) return;
      wake(waiting().filter(({ status }) => status?.nodeName === object.metadata.name));
    }),
    stores.onChange(({ type, object, old }) => {
      wake(unordered().filter(({ spec }) => !spec.volumeClaim));
      // What becomes of images, and which nodes can delete those that nothing needs.
      const another = type !== 'modified' || object.spec.deletionPolicy !== old?.spec.deletionPolicy;
      const place = placeInStore(object.metadata.name);
      wake((another ? checkpoints.list() : leaving()).filter(({ status }) => status?.storage === place));
    }),
    claims.onChange(({ object }) => {
      wake(unordered().filter((checkpoint) => mounts(checkpoint, object, [object.metadata.name])));
    }),
  ];
  signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  wake(checkpoints.list());
}

/** Whether it needs one of these claims in the namespace of the object. */
function mounts({ metadata, spec }: Checkpoint, object: KubeObject, claims: readonly string[]): boolean {
  return metadata.namespace === object.metadata.namespace && claims.includes(spec.volumeClaim?.claimName ?? '');
}

function matters(pod: Pod, old: Pod): boolean {
  return (
    pod.status?.phase !== old.status?.phase ||
    pod.spec.nodeName !== old.spec.nodeName ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    pod.metadata.uid !== old.metadata.uid ||
    isTerminal(pod) !== isTerminal(old) ||
    !isDeepStrictEqual(pod.metadata.labels, old.metadata.labels) ||
    !isDeepStrictEqual(pod.status?.conditions, old.status?.conditions)
  );
}

function wakeOwners({ metadata }: Pod, enqueue: (key: string) => void): void {
  for (const { kind, name } of metadata.ownerReferences ?? []) {
    if (kind === 'Checkpoint') enqueue(`${metadata.namespace ?? ''}/${name}`);
  }
}
