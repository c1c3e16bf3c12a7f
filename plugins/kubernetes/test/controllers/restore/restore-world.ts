// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../../src/api/core-kinds.js';
import { KEYS } from '../../../src/api/group.js';
import type { Restore, RestoreSpec, RestoreStatus } from '../../../src/api/restore.js';
import { decideRestore } from '../../../src/controllers/restore/decide-restore.js';
import type { RestoreDecision } from '../../../src/controllers/restore/restore-decision.js';
import type { RestoreFacts, SourceFact } from '../../../src/controllers/restore/restore-facts.js';
import { isUnfinished } from '../../../src/steps/order-step.js';
import { NOW, reported, someFacts, someRestore, statusError, targetPod } from './some-restores.js';

/** Something that happens around a Restore. */
export type Happening =
  | 'decide'
  | 'decide-twice'
  | 'admit'
  | 'store-pod'
  | 'pod-refused'
  | 'schedule'
  | 'pod-dies'
  | 'source-goes'
  | 'agent-restores'
  | 'agent-restores-unsaid'
  | 'agent-runs'
  | 'agent-fails'
  | 'agent-fails-for-good'
  | 'agent-silent'
  | 'agent-back'
  | 'node-gone'
  | 'minute'
  | 'retry';

export const HAPPENINGS: readonly Happening[] = [
  'decide',
  'decide-twice',
  'admit',
  'store-pod',
  'pod-refused',
  'schedule',
  'pod-dies',
  'source-goes',
  'agent-restores',
  'agent-restores-unsaid',
  'agent-runs',
  'agent-fails',
  'agent-fails-for-good',
  'agent-silent',
  'agent-back',
  'node-gone',
  'minute',
  'retry',
];

/** A world of one Restore: what the API server holds, and what a node does. Anything may happen between two decisions. */
export class RestoreWorld {
  readonly broken: string[] = [];
  readonly restored: string[] = [];
  restore: Restore;
  #pod: Pod | undefined;
  #beingCreated: string | undefined;
  #source: SourceFact['is'] = 'running';
  #agent: RestoreFacts['agent'] = 'ready';
  #now = NOW.getTime();
  #reservedAt = 0;
  #count = 0;
  /** The agent has restored the pod and has not said so yet. */
  #unsaid: 'Restored' | 'ColdStarted' | undefined;

  constructor(spec: Partial<RestoreSpec>) {
    this.restore = someRestore(spec);
  }

  happens(what: Happening): void {
    const { status = {} } = this.restore;
    switch (what) {
      case 'decide': {
        this.#carryOut(decideRestore(this.#facts()));
        return;
      }
      case 'decide-twice': {
        this.#carryOut(decideRestore(this.#facts()));
        const before = JSON.stringify(this.restore.status);
        this.#carryOut(decideRestore(this.#facts()));
        // A write wakes the controller: one that changes something each time would go on for ever.
        this.#carryOut(decideRestore(this.#facts()));
        const settled = JSON.stringify(this.restore.status);
        this.#carryOut(decideRestore(this.#facts()));
        if (settled !== JSON.stringify(this.restore.status)) this.broken.push(`no rest: ${before} ${settled}`);
        return;
      }
      case 'admit': {
        const free = status.reservation === undefined && status.targetPodUID === undefined;
        const waits = status.phase === 'Created' || status.phase === 'Pending';
        if (!free || !waits || this.#pod !== undefined || this.#beingCreated !== undefined) return;
        this.#beingCreated = `ticket-${++this.#count}`;
        this.#reservedAt = this.#now;
        this.#say({ reservation: { token: this.#beingCreated, at: this.#iso() } });
        return;
      }
      case 'store-pod': {
        if (this.#beingCreated === undefined) return;
        const { nodeName: _none, ...spec } = targetPod().spec;
        const annotations = { [KEYS.reservation]: this.#beingCreated, [KEYS.restoreName]: 'demo' };
        const metadata = {
          ...targetPod().metadata,
          name: `new-${this.#count}`,
          uid: `uid-${this.#count}`,
          annotations,
        };
        this.#pod = { ...targetPod(), metadata, spec };
        this.#beingCreated = undefined;
        return;
      }
      case 'pod-refused':
        this.#beingCreated = undefined;
        return;
      case 'schedule':
        if (this.#pod?.spec.nodeName !== undefined || this.#pod === undefined) return;
        this.#pod = { ...this.#pod, spec: { ...this.#pod.spec, nodeName: 'node-b' } };
        return;
      case 'pod-dies':
        this.#pod = undefined;
        return;
      case 'source-goes':
        this.#source = this.#source === 'running' ? 'stopping' : 'gone';
        return;
      case 'agent-runs': {
        this.#answer({ phase: 'Running', progress: { phase: 'fetch', doneBytes: 1 } });
        return;
      }
      case 'agent-restores': {
        this.#restores(true);
        return;
      }
      case 'agent-restores-unsaid': {
        this.#restores(false);
        return;
      }
      case 'agent-fails': {
        this.#answer({ phase: 'Failed', error: statusError(true) });
        return;
      }
      case 'agent-fails-for-good': {
        this.#answer({ phase: 'Failed', error: statusError(false) });
        return;
      }
      case 'agent-silent':
        if (this.#unsaid === undefined) this.#agent = 'silent';
        return;
      case 'agent-back':
        this.#agent = 'ready';
        return;
      case 'node-gone':
        this.#agent = 'gone';
        this.#forget();
        if (this.#pod?.spec.nodeName !== undefined) this.#pod = undefined;
        return;
      case 'minute':
        this.#now += 60_000;
        return;
      case 'retry': {
        const annotations = { ...this.restore.metadata.annotations, [KEYS.retry]: String(++this.#count) };
        this.restore = { ...this.restore, metadata: { ...this.restore.metadata, annotations } };
      }
    }
  }

  #facts(): RestoreFacts {
    const { status = {} } = this.restore;
    const pod = this.#pod;
    const isTarget = pod !== undefined && pod.metadata.uid === status.targetPodUID;
    const ticket = pod?.metadata.annotations?.[KEYS.reservation];
    return someFacts({
      restore: this.restore,
      target: isTarget ? pod : undefined,
      claimant: !isTarget && ticket !== undefined && ticket === status.reservation?.token ? pod : undefined,
      source: { is: this.#source, namespace: 'default', pod: 'train-old' },
      agent: this.#agent,
      destined: pod === undefined ? 'node-b' : undefined,
      reservedMs: this.#now - this.#reservedAt,
      now: new Date(this.#now),
    });
  }

  #carryOut(decision: RestoreDecision): void {
    const before = this.restore.status?.step;
    const { report, reservation } = this.restore.status ?? {};
    const dropped = decision.dropReservation === true && this.#beingCreated === undefined;
    const status: RestoreStatus = { ...decision.status };
    if (report !== undefined) status.report = report;
    if (reservation !== undefined && !dropped) status.reservation = reservation;
    this.restore = { ...this.restore, status };
    const { step } = status;
    if (step === undefined || step.token === before?.token || step.name === 'abort' || step.name === 'prefetch') return;
    if (this.#source !== 'gone') this.broken.push(`ordered ${step.name} while the source was ${this.#source}`);
    if (this.#pod?.metadata.uid !== status.targetPodUID)
      this.broken.push(`ordered ${step.name} for a pod that is gone`);
    if (step.name === 'start-fresh' && this.restore.spec.fallback !== 'fresh') this.broken.push('started fresh');
    if (this.#unsaid !== undefined) this.broken.push('ordered again what was restored');
  }

  /** An agent restores only a pod that lives; and on an abort it says what it had done before. */
  #restores(says: boolean): void {
    const { status } = this.restore;
    const { step } = status ?? {};
    if (step === undefined || !isUnfinished(status) || this.#agent !== 'ready') return;
    if (this.#unsaid === undefined && step.name !== 'abort' && step.name !== 'prefetch') {
      if (this.#pod?.metadata.uid !== status?.targetPodUID) return;
      this.#unsaid = step.name === 'restore' ? 'Restored' : 'ColdStarted';
      this.restored.push(`${step.name} ${this.#pod?.metadata.uid ?? ''}`);
    }
    if (says) this.#answer({});
  }

  #answer(changes: Parameters<typeof reported>[1]): void {
    const { step } = this.restore.status ?? {};
    if (step === undefined || !isUnfinished(this.restore.status) || this.#agent !== 'ready') return;
    const outcome = this.#unsaid;
    this.#say({ report: reported(step.token, outcome === undefined ? changes : { outcome }) });
  }

  /** What only a dead node knew is lost with it; its pod is dead, too, so nothing runs twice. */
  #forget(): void {
    if (this.#unsaid !== undefined && this.restore.status?.phase !== this.#unsaid) this.restored.pop();
    this.#unsaid = undefined;
  }

  #say(changes: RestoreStatus): void {
    this.restore = { ...this.restore, status: { ...this.restore.status, ...changes } };
  }

  #iso(): string {
    return new Date(this.#now).toISOString();
  }
}
