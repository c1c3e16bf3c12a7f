// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, CheckpointSpec, CheckpointStatus } from '../../../src/api/checkpoint.js';
import type { CheckpointStore, CheckpointStoreSpec } from '../../../src/api/checkpoint-store.js';
import type { Container, Pod } from '../../../src/api/core-kinds.js';
import { FINALIZER, KEYS } from '../../../src/api/group.js';
import type { StepReport } from '../../../src/api/step.js';
import { decide } from '../../../src/controllers/checkpoint/decide.js';
import type { Decision } from '../../../src/controllers/checkpoint/draft.js';
import type { CheckpointFacts, Move } from '../../../src/controllers/checkpoint/facts.js';
import { imageFateOf } from '../../../src/controllers/checkpoint/image-fate.js';
import { isUnfinished } from '../../../src/steps/order-step.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What may be around a Checkpoint, as far as a decision looks at it; moves are carried out at once. */
export class CheckpointWorld {
  now = Date.parse('2026-11-28T04:00:00Z');
  status: CheckpointStatus = {};
  finalizer = false;
  deleting = false;
  /** Value of the annotation that tries again. */
  retry: string | undefined;
  /** It is no more, or lets itself be deleted. */
  gone = false;
  pod: 'running' | 'pending' | 'terminating' | 'finished' | 'gone' = 'running';
  /** What the cache has of the pod, while it is behind. */
  cached: CheckpointWorld['pod'] | undefined;
  frozen = false;
  rival: string | undefined;
  nodeReady = true;
  storeReady = true;
  claim: 'ready' | 'waiting' | 'failed' = 'ready';
  containers: readonly Container[] = [];
  /** Some node can go on with the pod. */
  compatible = true;
  inForce = true;
  budget = true;
  /** Of whoever is against the eviction. */
  words = 'budget';
  restore = false;
  /** A Restore is to go on from it. */
  restoring = false;
  claimPod = false;
  /** The CheckpointStore of the image; undefined when it is gone. */
  store: Pick<CheckpointStoreSpec, 'deletionPolicy'> | undefined = {};
  /** Nodes that can use it. */
  able: readonly string[] = ['a', 'b'];
  retain = false;
  /** The cache knows of no Restore that is to go on from it. */
  unaware = false;
  /** Images that were deleted, by the node that did it. */
  readonly discarded: string[] = [];
  /** All moves so far. */
  readonly moves: Move['do'][] = [];

  constructor(readonly spec: CheckpointSpec) {}

  facts(): CheckpointFacts {
    const obstacle = { reason: 'NodeNotReady', message: 'no agent' };
    return {
      now: new Date(this.now),
      checkpoint: this.checkpoint(),
      pod: this.#podFact(this.cached ?? this.pod),
      source: { hash: 'h', source: { owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j' } } },
      rival: this.rival,
      node: this.nodeReady ? { exists: true } : { exists: true, obstacle },
      store: this.storeReady
        ? { ready: this.spec.volumeClaim === undefined ? 'CheckpointStore/default' : 'PersistentVolumeClaim/store' }
        : { failed: { reason: 'NoDefaultStore', message: 'none' } },
      claimPod: this.claimPod,
      restoring: this.restoring && !this.unaware,
      image: this.#fate(),
    };
  }

  #fate(): CheckpointFacts['image'] {
    return imageFateOf(this.checkpoint(), this.#store(), (node) => this.able.includes(node));
  }

  #store(): CheckpointStore | undefined {
    if (this.store === undefined) return undefined;
    const nodes = ['a', 'b', 'c'].map((name) => ({ name, generation: 1, ready: name !== 'c' }));
    const metadata = { name: 'default', uid: 's', generation: 1 };
    return { metadata, spec: { plugin: 'storage-pvc', ...this.store }, status: { nodes } };
  }

  #podFact(is: CheckpointWorld['pod']): CheckpointFacts['pod'] {
    if (is === 'gone') {
      return this.status.podUID === undefined
        ? { is: 'none', reason: 'PodNotFound', message: 'none' }
        : { is: 'gone', successor: undefined };
    }
    const at = new Date(this.now).toISOString();
    const pod: Pod = {
      metadata: {
        name: 'p',
        namespace: 'n',
        uid: 'pod',
        ...(is === 'terminating' ? { deletionTimestamp: at } : {}),
      },
      spec: { nodeName: 'a', containers: this.containers },
      status: { phase: is === 'finished' ? 'Succeeded' : is === 'pending' ? 'Pending' : 'Running' },
    };
    return { is: 'found', pod };
  }

  checkpoint(): Checkpoint {
    const at = new Date(this.now).toISOString();
    return {
      metadata: {
        name: 'c',
        namespace: 'n',
        uid: 'u',
        annotations: {
          ...(this.retry === undefined ? {} : { [KEYS.retry]: this.retry }),
          ...(this.retain ? { [KEYS.retainImage]: 'true' } : {}),
        },
        finalizers: this.finalizer ? [FINALIZER] : [],
        ...(this.deleting ? { deletionTimestamp: at } : {}),
      },
      spec: this.spec,
      status: this.status,
    };
  }

  /** One round of the controller. Returns the decision to wait. */
  round(): Decision | undefined {
    // Nothing keeps it.
    if (this.deleting && !this.finalizer) this.gone = true;
    if (this.gone) return undefined;
    let facts: Mutable<CheckpointFacts> = this.facts();
    for (let moves = 0; moves < 12; moves += 1) {
      const { status, move } = decide(facts);
      this.moves.push(move.do);
      if (['wait', 'make-restore', 'evict', 'drop-restore', 'let-go'].includes(move.do)) this.#write(status);
      facts = { ...facts, checkpoint: this.checkpoint() };
      switch (move.do) {
        case 'wait':
          return { status, move };
        case 'confirm-gone':
          facts.goneForSure = this.pod === 'gone';
          break;
        case 'confirm-unneeded':
          facts = { ...facts, restoring: this.restoring, image: this.#fate(), unneededForSure: true };
          break;
        case 'find-nodes': {
          const excluded = [{ node: 'b', reasons: ['the nodeSelector of the pod asks for disk=ssd'] }];
          facts.placement = this.compatible
            ? { compatible: ['b'], excluded: [], soon: [] }
            : { compatible: [], excluded, soon: [] };
          break;
        }
        case 'claim-pod':
          this.claimPod = true;
          facts.claim = this.claim === 'ready' ? { ready: 'claim' } : ({ [this.claim]: 'why' } as { waiting: string });
          break;
        case 'add-finalizer':
          this.finalizer = true;
          facts.checkpoint = this.checkpoint();
          break;
        case 'make-restore':
          this.restore = true;
          facts.restore = { name: 'c' };
          break;
        case 'prove-admission': {
          const waiting = { reason: 'AdmissionNotInForce', message: 'not yet' };
          facts.inForce = this.inForce ? { done: true } : { waiting, againMs: 250 };
          break;
        }
        case 'evict': {
          const waiting = { reason: 'EvictionRefused', message: this.words };
          // One that is on its way out needs nobody's leave.
          const taken = this.budget || this.pod !== 'running';
          if (this.pod === 'running' && taken) this.pod = 'terminating';
          facts.eviction = taken ? { done: true } : { waiting, againMs: 5_000 };
          break;
        }
        case 'drop-restore':
          if (this.restore && this.pod !== 'running' && this.pod !== 'pending') {
            facts = { ...facts, pod: this.#podFact(this.pod), goneForSure: this.pod === 'gone' };
            facts.restoring = true;
            facts.restoreDropped = false;
            break;
          }
          this.restore = false;
          facts.restoreDropped = true;
          break;
        case 'let-go':
          this.finalizer = move.keep === true && this.finalizer;
          this.claimPod = false;
          if (this.deleting && !this.finalizer) {
            this.gone = true;
            return undefined;
          }
          facts = this.facts();
          break;
        case 'delete':
          this.deleting = true;
          this.gone = !this.finalizer;
          return undefined;
      }
    }
    throw new Error(`a round without an end: ${this.moves.slice(-12).join(' ')}`);
  }

  /** The agent answers the order that stands. */
  answer(phase: StepReport['phase'], more: Partial<StepReport> = {}): void {
    const { step } = this.status;
    if (step === undefined || !isUnfinished(this.status)) return;
    if (step.name === 'discard' && phase === 'Succeeded') this.discarded.push(step.node);
    const held = step.name === 'checkpoint' && phase === 'Succeeded' && step.hold === true;
    if (step.name === 'checkpoint') this.frozen = phase === 'Running' || (phase === 'Succeeded' && held);
    else if (phase === 'Succeeded') this.frozen = false;
    const image = { id: 'image', size: 1, digest: 'sha256:0' };
    const report: StepReport = {
      token: step.token,
      phase,
      startedAt: new Date(this.now).toISOString(),
      ...(step.name === 'checkpoint' && phase === 'Succeeded' ? { image, held } : {}),
      ...more,
    };
    this.status = { ...this.status, report };
  }

  #write(status: CheckpointStatus): void {
    const { report } = this.status;
    this.status = JSON.parse(JSON.stringify({ ...status, report })) as CheckpointStatus;
  }
}
