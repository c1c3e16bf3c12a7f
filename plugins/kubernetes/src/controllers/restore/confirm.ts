// SPDX-License-Identifier: Apache-2.0
import { PODS, type Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { orderOfPod } from '../../steps/order-step.js';
import type { ControlContext } from '../context.js';
import { sourceFact } from './gather-restore-facts.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';

/**
 * Asks the API server itself before something is done that cannot be taken back: a cache may be behind. Returns the same facts when they hold.
 */
export async function confirm(
  context: ControlContext,
  facts: RestoreFacts,
  decision: RestoreDecision,
  signal: AbortSignal,
): Promise<RestoreFacts> {
  const { status } = facts.restore;
  const { phase } = decision.status;
  const order = orderOfPod({ status: decision.status });
  const ordersPod = order !== undefined && order.token !== status?.step?.token && order.name !== 'abort';
  if (ordersPod) return confirmSource(context, facts, signal);
  if (phase === 'Failed' && status?.phase !== 'Failed' && facts.target !== undefined) {
    // A node fails to restore a pod that is being deleted: that is a pod lost, not a restore failed.
    const pod = await findPod(context, facts.target, signal);
    return pod?.metadata.deletionTimestamp !== facts.target.metadata.deletionTimestamp
      ? { ...facts, target: pod }
      : facts;
  }
  if (decision.dropReservation === true && status?.targetPodUID === undefined && facts.claimant === undefined) {
    const claimant = await findClaimant(context, facts, signal);
    return claimant === undefined ? facts : { ...facts, claimant };
  }
  return facts;
}

async function confirmSource(
  { client }: ControlContext,
  facts: RestoreFacts,
  signal: AbortSignal,
): Promise<RestoreFacts> {
  const { namespace, pod: name } = facts.source;
  if (name === '') return facts;
  const pod = await client.find(PODS, { namespace, name }, signal);
  const source = sourceFact(facts.restore, facts.checkpoint, () => pod);
  return source.is === 'gone' ? facts : { ...facts, source };
}

async function findPod({ client }: ControlContext, { metadata }: Pod, signal: AbortSignal): Promise<Pod | undefined> {
  const pod = await client.find(PODS, { namespace: metadata.namespace ?? '', name: metadata.name }, signal);
  return pod?.metadata.uid === metadata.uid ? pod : undefined;
}

/** The pod with the reservation, among all pods of the namespace. */
async function findClaimant(
  { client }: ControlContext,
  { restore }: RestoreFacts,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const token = restore.status?.reservation?.token;
  let next: string | undefined;
  do {
    const page = await client.list(
      PODS,
      { namespace: restore.metadata.namespace ?? '', limit: 500, ...(next === undefined ? {} : { continue: next }) },
      signal,
    );
    const found = page.items.find(({ metadata }) => metadata.annotations?.[KEYS.reservation] === token);
    if (found !== undefined) return found;
    next = page.metadata.continue;
  } while (next !== undefined && next !== '');
  return undefined;
}
