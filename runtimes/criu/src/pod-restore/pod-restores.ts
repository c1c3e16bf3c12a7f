// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type ImageSource,
  type PreparedRestore,
  type RestoredWorkload,
  type RestoreTarget,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { join } from 'node:path';
import type { ToolVersions } from '../criu/tool-versions.js';
import type { NodeEnvironment } from '../node-environment.js';
import { readPodRecord } from '../pod/pod-image.js';
import { isAlive } from '../process/process-facts.js';
import { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import type { Answer } from './call.js';
import { shimOf, type Shim } from './caller.js';
import { Calls, type WaitingCall } from './calls.js';
import { installWrapper } from './install-wrapper.js';
import { endAttempt, finishThaw, PodAttempt, type AttemptPlaces } from './pod-attempt.js';
import { podOf } from '../pod/pod-of.js';
import { PodGate } from './pod-gate.js';
import { readBundle, type PodBundle } from './pod-bundle.js';
import { sweepRecords } from './sweep-records.js';
import { RestoreRecords, type RestoreRecord } from './restore-record.js';

/** Whether the node has anything of the pod with this UID. */
export type IsHere = (uid: string, signal: AbortSignal) => Promise<boolean>;

const SWEEP_MS = 3_600_000;

/** A pod that asks often is not written down each time. */
const SEEN_MS = 30_000;

/** Brings pods back that the kubelet starts: each call of containerd for a container of such a pod is answered here. */
export class PodRestores {
  readonly gate: PodGate;
  readonly #places: AttemptPlaces;
  readonly #attempts = new Map<string, PodAttempt>();
  /** Ids of the calls that somebody works on. */
  readonly #busy = new Set<string>();
  #started = false;

  constructor(
    private readonly node: NodeEnvironment,
    /** Records of pods that are gone are removed after a while; kept where nobody knows. */
    private readonly isHere?: IsHere,
  ) {
    const records = new RestoreRecords(join(node.settings.stateDirectory, 'pod-restores'));
    const calls = new Calls(node.config.runDirectory, node.logger);
    this.#places = { node, records, calls };
    this.gate = new PodGate(this.#places, this.#attempts, () => this.#look());
  }

  /** Begins to answer; until the signal. Goes on with what an agent before us has begun. */
  async start(signal: AbortSignal): Promise<void> {
    const { records, calls } = this.#places;
    const { wrapper, runDirectory, runc } = this.node.config;
    const known = await records.open();
    if (wrapper !== undefined) await installWrapper(wrapper, { runc, runDirectory });
    const restoring = new Set<string>();
    for (const { pod, attempt } of known) {
      if (attempt?.thawing === true) await finishThaw(this.#places, pod.uid).catch(this.#warn);
      else if (attempt?.failed !== undefined) await endAttempt(this.#places, pod.uid, attempt);
      else for (const { id } of Object.values(attempt?.containers ?? {})) restoring.add(id);
    }
    await calls.sweep(restoring);
    this.#started = true;
    await calls.watch(() => this.#look(), signal);
    const { isHere } = this;
    if (isHere === undefined) return;
    const sweep = (): void => {
      void sweepRecords(records, isHere, signal).catch((error: unknown) => {
        this.node.logger.warn(`records of pods: ${(error as Error).message}`);
      });
    };
    const timer = setInterval(sweep, SWEEP_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    sweep();
  }

  readonly #warn = ({ message }: Error): void => this.node.logger.warn(`restores of pods: ${message}`);

  /** See RuntimeDriver.prepareRestore. The pod need not be on the node yet. */
  async prepareRestore(
    source: ImageSource,
    target: RestoreTarget,
    versions: ToolVersions,
    signal: AbortSignal,
  ): Promise<PreparedRestore> {
    throwIfAborted(signal);
    const watch = new Stopwatch();
    const pod = podOf(target.workload);
    const record = await readPodRecord(source, versions);
    watch.lap('check');
    const prepared: PreparedRestore = {
      restore: target.restore,
      workload: target.workload,
      data: {},
      timings: watch.timings,
    };
    const before = await this.#places.records.read(pod.uid);
    if (before?.restore?.prepared.restore === target.restore && before.gate !== 'refused') {
      return before.restore.prepared;
    }
    if (before?.attempt !== undefined && before.attempt.thawing !== true) {
      await endAttempt(this.#places, pod.uid, before.attempt);
    }
    const restore = { prepared, checkpoint: source.checkpoint, record };
    await this.#places.records.update(pod.uid, (now): RestoreRecord => {
      if (now?.gate === 'fresh' || now?.gate === 'restored' || now?.attempt?.thawing === true) {
        throw new GritError('GRIT_WORKLOAD_RUNNING', `pod ${pod.name} has been started on this node already`);
      }
      return { pod, gate: 'closed', seen: now?.seen ?? 0, restore };
    });
    this.#look();
    return prepared;
  }

  /** See RuntimeDriver.restore. Waits for the kubelet to start the containers, as long as the signal lets it. */
  async restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload> {
    throwIfAborted(signal);
    const { uid } = podOf(prepared.workload);
    const watch = new Stopwatch();
    const record = await this.#places.records.read(uid);
    if (record?.restore?.prepared.restore !== prepared.restore) {
      throw new GritError('GRIT_RESTORE_FAILED', `restore ${prepared.restore} is not prepared on this node`);
    }
    if (record.gate === 'restored') return { ...(await describe(record)), timings: [] };
    if (this.#attempts.has(uid)) {
      throw new GritError('GRIT_WORKLOAD_BUSY', `pod ${prepared.workload.name} is being restored`);
    }
    const attempt = new PodAttempt(this.#places, uid, record.restore, source.directory);
    this.#attempts.set(uid, attempt);
    try {
      await attempt.begin();
      this.#look();
      const done = await attempt.run(signal);
      watch.split(done.restored?.timings ?? [], 'restore');
      return { ...(await describe(done)), timings: watch.timings };
    } finally {
      attempt.leave();
      this.#attempts.delete(uid);
      this.#look();
    }
  }

  /** See RuntimeDriver.verify. */
  async verify(restored: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus> {
    throwIfAborted(signal);
    const { workload } = restored.status;
    const record = await this.#places.records.read(podOf(workload).uid);
    if (record?.gate === 'restored' && record.restore?.prepared.restore === restored.restore) {
      return (await describe(record)).status;
    }
    throw new GritError('GRIT_RESTORE_FAILED', `pod ${workload.name} was not restored on this node`);
  }

  /** See RuntimeDriver.abandonRestore. */
  async abandonRestore({
    restore,
    workload,
  }: Pick<PreparedRestore, 'restore' | 'workload'>): Promise<RestoredWorkload | undefined> {
    const { uid } = podOf(workload);
    const { records } = this.#places;
    const error = new GritError('GRIT_RESTORE_FAILED', `restore ${restore} was taken back`);
    // First the word, so that it cannot go on in the meantime.
    const found = await records.update(uid, (now) =>
      now?.restore?.prepared.restore !== restore || now.attempt === undefined || goesOn(now)
        ? now
        : { ...now, attempt: { ...now.attempt, failed: now.attempt.failed ?? error.message } },
    );
    if (found?.restore?.prepared.restore !== restore) return undefined;
    if (goesOn(found)) return { ...(await describe(await finishThaw(this.#places, uid))), timings: [] };
    this.#attempts.get(uid)?.fail(error);
    if (found.attempt !== undefined) await endAttempt(this.#places, uid, found.attempt);
    await records.update(uid, (now) =>
      now?.restore?.prepared.restore === restore && now.gate === 'closed'
        ? { ...now, restore: undefined, attempt: undefined }
        : now,
    );
    await records.clearWork(uid);
    this.#look();
    return undefined;
  }

  /** Looks at all calls that nobody works on. */
  #look(): void {
    if (!this.#started) return;
    for (const attempt of this.#attempts.values()) attempt.poke();
    void this.#lookAtCalls().catch((error: unknown) => {
      this.node.logger.error(`calls of the wrapper: ${(error as Error).message}`);
    });
  }

  async #lookAtCalls(): Promise<void> {
    for (const call of await this.#places.calls.waiting()) {
      if (this.#busy.has(call.id)) continue;
      this.#busy.add(call.id);
      void this.#handle(call).finally(() => this.#busy.delete(call.id));
    }
  }

  async #handle(call: WaitingCall): Promise<void> {
    try {
      if (!(await this.#places.calls.isOpen(call.id))) return;
      const shim = await shimOf(call);
      const answer = await this.#answerTo(call, await readBundle(call.bundle, shim), shim);
      if (answer !== undefined) await this.#places.calls.answer(call.id, answer);
    } catch (error) {
      const { message } = error as Error;
      this.node.logger.warn(`call of container ${call.id}: ${message}`);
      await this.#places.calls.answer(call.id, { do: 'fail', message }).catch(() => undefined);
    }
  }

  /** Undefined: it waits on. */
  async #answerTo(call: WaitingCall, bundle: PodBundle, shim: Shim): Promise<Answer | undefined> {
    const { pod } = bundle;
    const record = await this.#places.records.update(pod.uid, (now): RestoreRecord => {
      if (now !== undefined && Date.now() - now.seen < SEEN_MS) return now;
      return { ...(now ?? { gate: 'closed' }), pod, seen: Date.now() };
    });
    switch (record.gate) {
      case 'fresh':
        return { do: 'run' };
      case 'refused':
        return { do: 'fail', message: record.message ?? 'the start was refused' };
      case 'restored':
        return afterRestore(record, bundle);
      case 'closed': {
        const attempt = this.#attempts.get(pod.uid);
        if (attempt !== undefined) return attempt.admit(call, bundle, shim);
        const failed = record.attempt?.failed;
        if (failed !== undefined) return { do: 'fail', message: `the restore ${bundle.restoreName} failed: ${failed}` };
        const patience = this.node.config.startPatienceSeconds * 1_000;
        return Date.now() - call.since < patience ? undefined : { do: 'fail', message: whatItWaitsFor(record, bundle) };
      }
    }
  }
}

/** From here there is no way back. */
function goesOn({ gate, attempt }: RestoreRecord): boolean {
  return gate === 'restored' || attempt?.thawing === true;
}

function afterRestore(record: RestoreRecord, { kind, container }: PodBundle): Answer {
  const known = record.restore?.record.containers.some(({ name }) => name === container) === true;
  // A container that came later, for debugging, is none of ours.
  if (kind === 'container' && !known) return { do: 'run' };
  const what = kind === 'sandbox' ? 'the sandbox of the pod' : `container ${container}`;
  const message = `${what} ended after the pod was restored; it is not started from the beginning`;
  return { do: 'fail', message };
}

function whatItWaitsFor({ restore }: RestoreRecord, { restoreName }: PodBundle): string {
  const state = restore === undefined ? 'its image is not on this node yet' : 'its image is here, it has not begun yet';
  return `waiting for the restore ${restoreName}: ${state}; the kubelet will try again`;
}

/** What the engine is told of a pod that goes on. */
async function describe(record: RestoreRecord): Promise<Omit<RestoredWorkload, 'timings'>> {
  const { restore, restored } = record;
  if (restore === undefined || restored === undefined) throw new GritError('GRIT_INTERNAL', 'the pod is not restored');
  const alive = await Promise.all(restored.processes.map(async ({ pid, startTime }) => isAlive(pid, startTime)));
  const first = restored.processes[alive.indexOf(true)];
  const known = { workload: restore.prepared.workload, startedAt: restored.at, restoredFrom: restore.checkpoint };
  const status: WorkloadStatus =
    first === undefined ? { ...known, state: 'exited' } : { ...known, state: 'running', pid: first.pid };
  return { restore: restore.prepared.restore, status };
}
