// SPDX-License-Identifier: Apache-2.0
import { GritError, type StartGate, type WorkloadRef } from '@grit/plugin-api';
import { throwIfAborted } from '../process/wait-until.js';
import { endAttempt, type AttemptPlaces, type PodAttempt } from './pod-attempt.js';
import { podOf } from '../pod/pod-of.js';
import type { RestoreRecord } from './restore-record.js';

/** Between two tries of the kubelet a pod waits too. */
const WAITING_MS = 5 * 60_000;

/** See StartGate. */
export class PodGate implements StartGate {
  constructor(
    private readonly places: AttemptPlaces,
    private readonly attempts: ReadonlyMap<string, PodAttempt>,
    /** Looks at the calls anew. */
    private readonly look: () => void,
  ) {}

  async startFresh(workload: WorkloadRef, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { uid, name } = podOf(workload);
    await this.#endRestore(uid, `pod ${name} is started from the beginning`);
    await this.places.records.update(uid, (now): RestoreRecord => {
      if (now === undefined) throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `pod ${name} does not wait on this node`);
      if (now.gate === 'fresh') return now;
      checkNotRunning(now);
      return { ...now, gate: 'fresh', message: undefined, restore: undefined, attempt: undefined };
    });
    this.look();
  }

  async refuse(workload: WorkloadRef, message: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const pod = podOf(workload);
    await this.#endRestore(pod.uid, message);
    await this.places.records.update(pod.uid, (now): RestoreRecord => {
      checkNotRunning(now);
      return { pod, seen: now?.seen ?? Date.now(), gate: 'refused', message };
    });
    this.look();
  }

  async waiting(signal: AbortSignal): Promise<readonly WorkloadRef[]> {
    throwIfAborted(signal);
    const records = await this.places.records.closed();
    return records.filter(({ seen }) => Date.now() - seen < WAITING_MS).map(({ pod }) => ({ kind: 'pod', ...pod }));
  }

  /** What was begun for the pod goes; nothing of it has run. */
  async #endRestore(uid: string, message: string): Promise<void> {
    const record = await this.places.records.read(uid);
    if (record === undefined || record.gate !== 'closed' || record.attempt?.thawing === true) return;
    this.attempts.get(uid)?.fail(new GritError('GRIT_RESTORE_FAILED', message));
    if (record.attempt !== undefined) await endAttempt(this.places, uid, record.attempt);
    await this.places.records.clearWork(uid);
  }
}

function checkNotRunning(record: RestoreRecord | undefined): void {
  if (record?.gate !== 'restored' && record?.gate !== 'fresh' && record?.attempt?.thawing !== true) return;
  throw new GritError('GRIT_WORKLOAD_RUNNING', `pod ${record.pod.name} has been started on this node already`);
}
