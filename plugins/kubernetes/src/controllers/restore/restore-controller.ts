// SPDX-License-Identifier: Apache-2.0
import { RESTORES } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import type { Step } from '../../api/step.js';
import { Controller, soonest, type ReconcileResult } from '../../kit/controller.js';
import { refOf } from '../../kit/keys.js';
import { isOfMove } from '../../pods/is-of-move.js';
import type { ControlContext, ControllerDefinition } from '../context.js';
import { isInForce } from '../admission/is-in-force.js';
import { carryOut } from './carry-out.js';
import { confirm } from './confirm.js';
import { decideRestore } from './decide-restore.js';
import { gatherRestoreFacts } from './gather-restore-facts.js';
import { reachClaim } from './reach-claim.js';
import type { RestoreDecision } from './restore-decision.js';
import { wakeRestores } from './wake-restores.js';

/** What this process remembers of a Restore; nothing that it could not do without. */
interface Memory {
  readonly uid: string | undefined;
  /** The reservation whose pod is waited for, and since when by the clock of this process. */
  reservation?: { readonly token: string; readonly since: number };
  writtenAt: number;
  step?: Step | undefined;
}

/** Lets pods go on from checkpoints: see decide-restore. */
export const restoreController: ControllerDefinition = {
  name: 'restore',
  start(context, signal) {
    const memories = new Map<string, Memory>();
    const controller = new Controller({
      name: 'restore',
      concurrency: context.settings.workers,
      logger: context.logger,
      reconcile: (key, stop) => reconcile(context, memories, key, stop),
    });
    wakeRestores(context, (key) => controller.enqueue(key), signal);
    return controller;
  },
};

async function reconcile(
  context: ControlContext,
  memories: Map<string, Memory>,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { dispatcher, informers } = context;
  const restore = informers.restores.get(refOf(key));
  if (restore === undefined) {
    const step = memories.get(key)?.step;
    memories.delete(key);
    if (step !== undefined) await dispatcher.cancel(step, 'the Restore is gone', signal);
    return undefined;
  }
  const memory = memoryOf(memories, key, restore);
  const decision = await decide(context, memory, restore, signal);
  const carried = await carryOut(context, restore, decision, memory.writtenAt, signal);
  memory.writtenAt = carried.writtenAt;
  memory.step = carried.restore.status?.step;
  const dispatchMs = await dispatcher.dispatch(RESTORES, carried.restore, signal);
  return soonest(dispatchMs, decision.lookAgainMs, carried.lookAgainMs);
}

/** Decides, and decides anew when what the decision stands on does not hold by the API server itself, or once a claim is reached. */
async function decide(
  context: ControlContext,
  memory: Memory,
  restore: Restore,
  signal: AbortSignal,
): Promise<RestoreDecision> {
  let facts = await gatherRestoreFacts(context, restore, reservedMs(memory, restore), signal);
  let decision = decideRestore(facts);
  if (decision.claimOn !== undefined && decision.status.step === undefined) {
    facts = { ...facts, claim: await reachClaim(context, facts, decision.claimOn, signal) };
    decision = decideRestore(facts);
  }
  if (saysItWaits(decision, restore) && !(await isGuarded(context, restore, signal))) {
    facts = { ...facts, guarded: false };
    decision = decideRestore(facts);
  }
  const confirmed = await confirm(context, facts, decision, signal);
  return confirmed === facts ? decision : decideRestore(confirmed);
}

/** Whether it is said for the first time that a pod may come. */
function saysItWaits({ status }: RestoreDecision, { status: before }: Restore): boolean {
  const says = (conditions: RestoreDecision['status']['conditions']): boolean =>
    conditions?.some(({ type, status: is }) => type === 'WaitingForPod' && is === 'True') ?? false;
  return says(status.conditions) && !says(before?.conditions);
}

/** A pod that is created before the webhook is in force would start fresh. For a move its Checkpoint sees to that. */
async function isGuarded(context: ControlContext, restore: Restore, signal: AbortSignal): Promise<boolean> {
  if (isOfMove(restore)) return true;
  const { metadata } = restore;
  return isInForce(context, metadata.namespace ?? '', signal, metadata.name);
}

function memoryOf(memories: Map<string, Memory>, key: string, { metadata }: Restore): Memory {
  const known = memories.get(key);
  if (known !== undefined && known.uid === metadata.uid) return known;
  const memory: Memory = { uid: metadata.uid, writtenAt: -Infinity };
  memories.set(key, memory);
  return memory;
}

/** By this process's own clock: that of the admission that reserved may be another one. */
function reservedMs(memory: Memory, { status }: Restore): number {
  const token = status?.reservation?.token;
  if (token === undefined) return 0;
  if (memory.reservation?.token !== token) memory.reservation = { token, since: performance.now() };
  return performance.now() - memory.reservation.since;
}
