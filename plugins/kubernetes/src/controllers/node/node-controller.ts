// SPDX-License-Identifier: Apache-2.0
import { LEASES, NODES } from '../../api/core-kinds.js';
import type { GritNode } from '../../api/grit-node.js';
import { MANAGERS } from '../../api/group.js';
import { GRIT_NODES } from '../../api/kinds.js';
import { findCondition, setCondition } from '../../kit/conditions.js';
import { Controller } from '../../kit/controller.js';
import { nodeLeaseName, nodeOfLease } from '../../steps/node-lease-name.js';
import type { ControlContext, ControllerDefinition } from '../context.js';
import { decideNode, type NodeState } from './decide-node.js';
import { LeaseObserver } from './lease-observer.js';

/** A little later than the Lease expires. */
const MARGIN_MS = 200;

/** Keeps the phase of GritNodes, and removes those whose Node is gone. */
export const nodeController: ControllerDefinition = {
  name: 'node',
  start(context, signal) {
    const { informers, logger } = context;
    const observer = new LeaseObserver();
    const controller = new Controller({
      name: 'node',
      concurrency: 4,
      logger,
      reconcile: (key, stop) => reconcile(context, observer, key, stop),
    });
    informers.leases.list().forEach((lease) => observer.see(lease));
    const ends = [
      informers.leases.onChange(({ type, object }) => {
        if (type === 'deleted') observer.forget(object.metadata.name);
        else observer.see(object);
        const node = informers.gritNodes.get({ name: nodeOfLease(object.metadata.name) });
        // A renewal is news only for a node that is not Ready; the others are looked at when their Lease could have expired.
        if (node !== undefined && (type === 'deleted' || node.status?.phase !== 'Ready')) {
          controller.enqueue(node.metadata.name);
        }
      }),
      informers.gritNodes.onChange(({ object }) => controller.enqueue(object.metadata.name)),
      informers.nodes.onChange(({ type, object }) => {
        if (type !== 'modified') controller.enqueue(object.metadata.name);
      }),
    ];
    signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
    informers.gritNodes.list().forEach(({ metadata }) => controller.enqueue(metadata.name));
    return controller;
  },
};

async function reconcile(
  context: ControlContext,
  observer: LeaseObserver,
  name: string,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number } | undefined> {
  const { client, informers, settings } = context;
  const gritNode = informers.gritNodes.get({ name });
  if (gritNode === undefined || gritNode.metadata.deletionTimestamp !== undefined) return undefined;
  // What follows cannot be taken back, so the cache is not enough.
  const exists =
    informers.nodes.get({ name }) !== undefined || (await client.find(NODES, { name }, signal)) !== undefined;
  const lease = observer.state(nodeLeaseName(name), settings.nodeLeaseSeconds);
  const state = decideNode(gritNode, exists, lease);
  await say(context, gritNode, state, signal);
  if (state.phase === 'Gone') {
    await client.delete(GRIT_NODES, { name }, { uid: gritNode.metadata.uid }, signal);
    await client.delete(LEASES, { name: nodeLeaseName(name), namespace: settings.namespace }, {}, signal);
  }
  return state.lookAgainMs === undefined ? undefined : { requeueAfterMs: state.lookAgainMs + MARGIN_MS };
}

async function say(context: ControlContext, gritNode: GritNode, state: NodeState, signal: AbortSignal): Promise<void> {
  const { client, informers, events, clock } = context;
  const { phase, ready: status, reason, message } = state;
  const before = findCondition(gritNode.status?.conditions, 'Ready');
  const same = before?.status === status && before.reason === reason && before.message === message;
  if (same && gritNode.status?.phase === phase) return;
  const conditions = setCondition(gritNode.status?.conditions, { type: 'Ready', status, reason, message }, clock());
  const { name } = gritNode.metadata;
  const body = { apiVersion: GRIT_NODES.apiVersion, kind: GRIT_NODES.kind, metadata: { name } };
  const how = { manager: MANAGERS.controller, force: true, subresource: 'status' } as const;
  const written = await client.apply(GRIT_NODES, { ...body, status: { phase, conditions } }, how, signal);
  informers.gritNodes.stored(written);
  if (phase !== gritNode.status?.phase) {
    events.event(gritNode, phase === 'Ready' ? 'Normal' : 'Warning', reason, message);
  }
}
