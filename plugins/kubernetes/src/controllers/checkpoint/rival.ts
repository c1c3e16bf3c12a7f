// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { reportOf } from '../../steps/order-step.js';
import type { Informers } from '../informers.js';

/** The Checkpoint of the same pod that goes first. */
export function rivalOf(
  { checkpoints }: Pick<Informers, 'checkpoints'>,
  checkpoint: Checkpoint,
  podUid: string,
): string | undefined {
  const { namespace = '', uid } = checkpoint.metadata;
  const name = checkpoint.spec.podName ?? checkpoint.status?.podName ?? '';
  const others = [...checkpoints.by('podUID', podUid), ...checkpoints.by('podName', `${namespace}/${name}`)];
  const rival = others.find(
    (other) =>
      other.metadata.uid !== uid &&
      other.metadata.namespace === namespace &&
      (other.status?.podUID ?? podUid) === podUid &&
      isActive(other) &&
      goesFirst(other, checkpoint),
  );
  return rival?.metadata.name;
}

/** Whether it still means to do something with its pod. */
export function isActive({ metadata, status }: Checkpoint): boolean {
  if (status?.finishedAt !== undefined || status?.step?.name === 'discard') return false;
  // One that waits for something to be mended, or to go, must not stand in the way.
  const idle = status?.step === undefined;
  return !(idle && (status?.phase === 'Failed' || metadata.deletionTimestamp !== undefined));
}

/** Never true both ways, or two would wait for each other: the one at work, else the one that has begun, else the older. */
function goesFirst(a: Checkpoint, b: Checkpoint): boolean {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  return rankA === rankB ? isOlder(a, b) : rankA > rankB;
}

/** How far it is: 2 at work on the pod, 1 about to try again, 0 not begun. */
export function rankOf({ status }: Checkpoint): number {
  if (status?.step === undefined || status.finishedAt !== undefined) return 0;
  // Everything was undone.
  const rests = status.step.name !== 'checkpoint' && reportOf(status)?.phase === 'Succeeded';
  return rests ? 1 : 2;
}

function isOlder(a: Checkpoint, b: Checkpoint): boolean {
  const [atA = '', atB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return atA === atB ? (a.metadata.uid ?? '') < (b.metadata.uid ?? '') : atA < atB;
}
