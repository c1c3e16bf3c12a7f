// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { CHECKPOINTS } from '../../api/kinds.js';
import type { Step } from '../../api/step.js';
import { Controller, soonest, type ReconcileResult } from '../../kit/controller.js';
import { keyOf, refOf, refTo } from '../../kit/keys.js';
import { KubeError } from '../../kit/kube-error.js';
import type { ControlContext, ControllerDefinition } from '../context.js';
import { PROGRESS_MS, statusChange } from '../status-change.js';
import { carryOut, letGo } from './carry-out.js';
import { decide } from './decide.js';
import type { Decision } from './draft.js';
import { gatherFacts } from './gather-facts.js';
import { rivalOf } from './rival.js';
import { wakeCheckpoints } from './wake-checkpoints.js';
import { ownStatusOf, writeStatus } from './write-status.js';

/** Caches show soon what another Checkpoint of the pod is about to order. */
const TAKEN_MS = 100;
/** Between tries while the pod is frozen and the API server does not answer as it should. */
const FROZEN_MS = 2_000;
/** Each move gives a new fact, so a round is short; this many would be a mistake of ours. */
const MOVES = 12;

/** What this process remembers of a Checkpoint; nothing that it could not do without. */
interface Memory {
  writtenAt: number;
  step?: Step | undefined;
}

/** Freezes pods and stores what they are: see decide. */
export const checkpointController: ControllerDefinition = {
  name: 'checkpoint',
  start(context, signal) {
    const rounds = new CheckpointRounds(context);
    const controller = new Controller({
      name: 'checkpoint',
      concurrency: context.settings.workers,
      logger: context.logger,
      reconcile: (key, stop) => rounds.reconcile(key, stop),
    });
    wakeCheckpoints(context, (key) => controller.enqueue(key), signal);
    return controller;
  },
};

class CheckpointRounds {
  readonly #memories = new Map<string, Memory>();
  /** Pods for which an order is being written, by the Checkpoint that has it: caches show it a moment later. */
  readonly #ordering = new Map<string, string>();

  constructor(private readonly context: ControlContext) {}

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { dispatcher, informers } = this.context;
    const checkpoint = informers.checkpoints.get(refOf(key));
    if (checkpoint === undefined) {
      const step = this.#memories.get(key)?.step;
      this.#memories.delete(key);
      if (step !== undefined) await dispatcher.cancel(step, 'the Checkpoint is gone', signal);
      return undefined;
    }
    const memory = this.#memoryOf(key);
    try {
      const { checkpoint: after, againMs } = await this.#round(checkpoint, memory, signal);
      if (after === undefined) return undefined;
      await this.#follow(memory, after.status?.step, signal);
      const dispatchMs = await dispatcher.dispatch(CHECKPOINTS, after, signal);
      return soonest(againMs, dispatchMs);
    } catch (error) {
      // A pod that is frozen does not wait for a back-off that grows.
      if (
        error instanceof KubeError &&
        !error.isConflict &&
        checkpoint.status?.step?.hold === true &&
        !signal.aborted
      ) {
        this.context.logger.warn('not done yet, tried again soon', { checkpoint: key, reason: error.message });
        return { requeueAfterMs: FROZEN_MS };
      }
      throw error;
    } finally {
      for (const [pod, owner] of this.#ordering) if (owner === key) this.#ordering.delete(pod);
    }
  }

  /** Decides and moves until there is nothing to do but wait. */
  async #round(
    first: Checkpoint,
    memory: Memory,
    signal: AbortSignal,
  ): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly againMs?: number | undefined }> {
    const { client } = this.context;
    let facts = gatherFacts(this.context, first);
    for (let moves = 0; moves < MOVES; moves += 1) {
      const { status, move } = decide(facts);
      if (move.do === 'wait') {
        if (this.#isTaken(first, status)) return { checkpoint: facts.checkpoint, againMs: TAKEN_MS };
        return this.#write(facts.checkpoint, status, memory, move.againMs, signal);
      }
      if (isFinalAct(move)) {
        // The words come first: what follows may be the end of the object.
        const { checkpoint = facts.checkpoint } = await this.#write(
          facts.checkpoint,
          status,
          memory,
          undefined,
          signal,
          true,
        );
        if (move.do === 'let-go') {
          return { checkpoint: await letGo(this.context, checkpoint, move.keep === true, signal), againMs: 0 };
        }
        if (move.do === 'delete') {
          const { uid, resourceVersion } = checkpoint.metadata;
          await client.delete(CHECKPOINTS, refTo(checkpoint), { uid, resourceVersion }, signal);
          return { checkpoint: undefined };
        }
        // Nothing was to be written: then no answer has said that it is still what was looked at.
        if (checkpoint === facts.checkpoint) await this.#confirm(checkpoint, signal);
        facts = { ...facts, checkpoint };
        facts = await carryOut(this.context, facts, checkpoint.status ?? {}, move, signal);
      } else facts = await carryOut(this.context, facts, status, move, signal);
    }
    throw new Error(`Checkpoint ${first.metadata.name} took more than ${MOVES} moves in a round`);
  }

  /** Throws a Conflict when somebody else has written: another leader has gone on, and the cache is behind. */
  async #confirm(checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const { metadata } = checkpoint;
    const there = await this.context.client.find(CHECKPOINTS, refTo(checkpoint), signal);
    if (there?.metadata.resourceVersion === metadata.resourceVersion) return;
    const message = `Checkpoint ${metadata.name} has changed since it was looked at`;
    throw new KubeError(message, { status: 409, reason: 'Conflict' });
  }

  async #write(
    checkpoint: Checkpoint,
    status: Decision['status'],
    memory: Memory,
    againMs: number | undefined,
    signal: AbortSignal,
    always = false,
  ): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly againMs?: number | undefined }> {
    const change = statusChange(ownStatusOf(checkpoint.status), ownStatusOf(status));
    const dueMs = memory.writtenAt + PROGRESS_MS - performance.now();
    if (change === 'nothing') return { checkpoint, againMs };
    if (change === 'progress' && dueMs > 0 && !always) {
      return { checkpoint, againMs: Math.min(dueMs, againMs ?? dueMs) };
    }
    const written = await writeStatus(this.context, checkpoint, status, signal);
    memory.writtenAt = performance.now();
    return { checkpoint: written, againMs };
  }

  /** One order for a pod at a time, whatever the caches know. Remembers what is about to be ordered. */
  #isTaken(checkpoint: Checkpoint, status: Decision['status']): boolean {
    const { podUID: pod, step } = status;
    const isNew = step?.name === 'checkpoint' && step.token !== checkpoint.status?.step?.token;
    if (pod === undefined || !isNew) return false;
    const key = keyOf(checkpoint);
    const owner = this.#ordering.get(pod);
    if (owner !== undefined && owner !== key) return true;
    // The facts are older than the last call.
    if (rivalOf(this.context.informers, checkpoint, pod) !== undefined) return true;
    this.#ordering.set(pod, key);
    return false;
  }

  /** An order that was replaced is taken off the queue, so that its agent stops at once. */
  async #follow(memory: Memory, step: Step | undefined, signal: AbortSignal): Promise<void> {
    const before = memory.step;
    memory.step = step;
    if (before === undefined || before.token === step?.token) return;
    await this.context.dispatcher.cancel(before, 'another order took its place', signal);
  }

  #memoryOf(key: string): Memory {
    const known = this.#memories.get(key);
    if (known !== undefined) return known;
    const memory: Memory = { writtenAt: -Infinity };
    this.#memories.set(key, memory);
    return memory;
  }
}

type FinalActs = 'make-restore' | 'evict' | 'let-go' | 'delete' | 'drop-restore';
type FinalAct = Extract<Decision['move'], { readonly do: FinalActs }>;

const FINAL_ACTS: readonly string[] = [
  'make-restore',
  'evict',
  'let-go',
  'delete',
  'drop-restore',
] satisfies FinalActs[];

/** What cannot be taken back stands in the status before it is done; and a Restore is made only of what is Checkpointed. */
function isFinalAct(move: Decision['move']): move is FinalAct {
  return FINAL_ACTS.includes(move.do);
}
