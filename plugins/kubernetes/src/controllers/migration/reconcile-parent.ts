// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { MIGRATIONS } from '../../api/kinds.js';
import type { Migration } from '../../api/migration.js';
import { keyOf } from '../../kit/keys.js';
import { KubeError } from '../../kit/kube-error.js';
import { isClaimPod, isRunning } from '../../pods/pod-state.js';
import { matchesSelector } from '../../pods/matches-selector.js';
import type { ControlContext } from '../context.js';
import { childOf, parentUidOf } from './child-of.js';
import { decideParent } from './decide-parent.js';
import { isRefusal } from './is-refusal.js';
import { writeStatus } from './write-status.js';

const COUNTS_MS = 1_000;
/** Creations at once. */
const AT_ONCE = 16;

/** Carries out what is decided for a Migration of several pods. */
export async function reconcileParent(
  context: ControlContext,
  migration: Migration,
  writtenAt: Map<string, number>,
  enqueue: (key: string) => void,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number } | undefined> {
  const { informers, clock } = context;
  const { uid } = migration.metadata;
  const children = informers.migrations.list().filter((child) => parentUidOf(child) === uid);
  const pods = migration.status?.pods === undefined ? chosenPods(context, migration) : [];
  const decision = decideParent({ migration, pods, children, now: clock() });
  const laterMs = await writeStatus(context, migration, decision.status, writtenAt, COUNTS_MS, signal);
  await makeChildren(context, migration, decision.make, signal);
  decision.wake.forEach((child) => enqueue(keyOf(child)));
  if (decision.make.length > 0) return { requeueAfterMs: 0 };
  return laterMs === undefined ? undefined : { requeueAfterMs: laterMs };
}

function chosenPods({ informers }: ControlContext, { metadata, spec }: Migration): readonly Pod[] {
  const { selector } = spec;
  if (selector === undefined) return [];
  return informers.pods
    .list()
    .filter(
      (pod) =>
        pod.metadata.namespace === metadata.namespace &&
        matchesSelector(selector, pod.metadata.labels) &&
        !isClaimPod(pod) &&
        isRunning(pod),
    );
}

async function makeChildren(
  { client, informers, events }: ControlContext,
  parent: Migration,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const left = [...pods];
  const make = async (): Promise<void> => {
    for (let pod = left.pop(); pod !== undefined; pod = left.pop()) {
      const child = childOf(parent, pod);
      try {
        informers.migrations.stored(await client.create(MIGRATIONS, child, {}, signal));
      } catch (error) {
        if (!(error instanceof KubeError && error.isAlreadyExists)) {
          if (isRefusal(error)) events.event(parent, 'Warning', 'PodRefused', error.message);
          throw error;
        }
        // Made before this process knew; or somebody else's, which the counts leave out.
        const { namespace = '', name } = child.metadata;
        const there = await client.find(MIGRATIONS, { namespace, name }, signal);
        if (there === undefined) continue;
        if (parentUidOf(there) !== parent.metadata.uid) throw error;
        informers.migrations.stored(there);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, make));
}
