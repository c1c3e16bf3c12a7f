// SPDX-License-Identifier: Apache-2.0
import type { GritNode, GritNodeStatus } from '../../api/grit-node.js';
import type { LeaseState } from './lease-observer.js';

/** What a node is, by the facts. */
export interface NodeState {
  readonly phase: NonNullable<GritNodeStatus['phase']>;
  readonly ready: 'True' | 'False';
  /** One PascalCase word. */
  readonly reason: string;
  readonly message: string;
  /** When it must be looked at again though nothing changes, in milliseconds. */
  readonly lookAgainMs?: number;
}

/** A GritNode is Ready when its Node exists, its agent renews its Lease, and the agent names no problem. */
export function decideNode(gritNode: GritNode, nodeExists: boolean, lease: LeaseState | undefined): NodeState {
  const { name } = gritNode.metadata;
  if (!nodeExists) return notReady('Gone', 'NodeGone', `the Node ${name} was deleted`);
  if (lease === undefined) {
    return notReady('NotReady', 'NoLease', 'the agent has no Lease: see the log of the grit agent on the node');
  }
  // A controller that has just started has not seen yet whether the Lease is renewed: what was true before still is.
  const believed = !lease.sure && gritNode.status?.phase === 'NotReady' && reasonOf(gritNode) === 'AgentSilent';
  if (!lease.alive || believed) {
    const message =
      'the agent does not renew its Lease: see whether its pod runs on the node and reaches the API server';
    return { ...notReady('NotReady', 'AgentSilent', message), ...(lease.alive ? { lookAgainMs: lease.leftMs } : {}) };
  }
  const [problem, ...more] = gritNode.status?.problems ?? [];
  if (problem !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more, see status.problems)`;
    const message = `${problem.message}. ${problem.hint}${others}`;
    return { ...notReady('NotReady', 'NodeProblem', message), lookAgainMs: lease.leftMs };
  }
  const message = 'the agent renews its Lease and has no problem';
  return { phase: 'Ready', ready: 'True', reason: 'AgentReady', message, lookAgainMs: lease.leftMs };
}

function notReady(phase: 'NotReady' | 'Gone', reason: string, message: string): NodeState {
  return { phase, ready: 'False', reason, message };
}

function reasonOf(gritNode: GritNode): string | undefined {
  return gritNode.status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}
