// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { GritError, type Timing } from '@grit/plugin-api';
import { processFacts } from '../process/process-facts.js';
import { throwIfAborted } from '../process/wait-until.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { Answer, Call } from './call.js';
import type { Shim } from './caller.js';
import type { Calls } from './calls.js';
import { fillingsFor, fillVolume } from './fill-volumes.js';
import { lockLoopback, networkOf, unlockLoopback } from './loopback-lock.js';
import { lowerLimits } from '../devices/raise-limits.js';
import { beginningLimit, limitsOfPod, lowerPod, raisePod } from './pod-memory.js';
import { planContainerDevices, renewPodDevices, returnPodDevices } from './pod-devices.js';
import { readBundle, sandboxBundle, type PodBundle } from './pod-bundle.js';
import { checkMounts, prepareContainer, prepareSkippedInit } from './prepare-container.js';
import { endContainer, progressOf } from './restored-container.js';
import { completeContainers, livingContainers, resetHostname, thawAll } from './restored-pod.js';
import { partOf } from './part-of-container.js';
import type { Attempt, PreparedPod, RestoreRecord, RestoreRecords, RestoringContainer } from './restore-record.js';

/** What a try works with. */
export interface AttemptPlaces {
  readonly node: NodeEnvironment;
  readonly records: RestoreRecords;
  readonly calls: Calls;
}

const NEVER = new AbortController().signal;

/** How often the processes are looked at while nobody gives notice. */
const LOOK_MS = 100;

/**
 * One try to bring a pod back, all of it or nothing: it takes the calls of the pod's containers, and lets them go on when each of them is
 * there. What it has reached is in the record, so that the same try can go on under another agent.
 */
export class PodAttempt {
  #wake = new AbortController();
  readonly #stop = new AbortController();
  #failure: GritError | undefined;
  #left = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly places: AttemptPlaces,
    private readonly uid: string,
    private readonly restore: PreparedPod,
    /** Directory with the parts. */
    private readonly image: string,
  ) {}

  /** Goes on with the try that is in the record, or begins one. */
  async begin(): Promise<void> {
    const work = this.#begin();
    // A call that waits already is not worked on before the record says that there is a try.
    this.#queue = work.catch(() => undefined);
    await work;
  }

  async #begin(): Promise<void> {
    const { records } = this.places;
    const record = await records.read(this.uid);
    if (record?.attempt !== undefined && record.attempt.failed === undefined) return;
    if (record?.attempt !== undefined) await this.#endAll(record.attempt);
    await records.clearWork(this.uid);
    await records.update(this.uid, (now) => ({ ...open(now), attempt: { volumes: [], containers: {} } }));
  }

  /** There may be something to see. */
  poke(): void {
    this.#wake.abort();
  }

  /** Ends the try: `run` throws this error. */
  fail(error: GritError): void {
    this.#failure ??= error;
    this.#stop.abort(error);
    this.poke();
  }

  /** Nobody waits for the end any more: the try stays as it is, for somebody who goes on with it. */
  leave(): void {
    this.#left = true;
    this.#stop.abort();
  }

  /** The answer to a call of this pod, or undefined where it has to wait. Whatever goes wrong ends the try. */
  async admit(call: Call, bundle: PodBundle, shim: Shim): Promise<Answer | undefined> {
    const answer = this.#queue.then(async (): Promise<Answer | undefined> => {
      try {
        if (this.#failure !== undefined) throw this.#failure;
        throwIfAborted(this.#stop.signal);
        return await this.#admit(call, bundle, shim);
      } catch (cause) {
        if (this.#left && this.#failure === undefined) return undefined;
        const error =
          cause instanceof GritError
            ? cause
            : new GritError('GRIT_RESTORE_FAILED', (cause as Error).message, { cause });
        this.fail(this.#failure ?? error);
        return { do: 'fail', message: (this.#failure ?? error).message };
      }
    });
    this.#queue = answer;
    return answer;
  }

  async #admit(call: Call, bundle: PodBundle, shim: Shim): Promise<Answer> {
    const { node } = this.places;
    const signal = this.#stop.signal;
    await this.#fill(bundle, shim, signal);
    if (bundle.kind === 'sandbox') return { do: 'run' };
    const source = this.restore.record.containers.find(({ name }) => name === bundle.container);
    if (source === undefined) {
      // One that was left out begins anew, and does not wait for the others: the kubelet may make them only when it runs.
      if (partOf(this.restore.record, bundle.container) === 'finished') {
        await prepareSkippedInit(node, call, bundle, shim);
      }
      return { do: 'run' };
    }
    const attempt = await this.#attempt();
    const known = attempt.containers[bundle.container];
    if (known !== undefined && known.id !== call.id) {
      // Its end may not have been seen yet.
      const progress = await this.#progressOf(bundle.container, known, shim);
      if (progress instanceof GritError) throw progress;
      throw new GritError('GRIT_RESTORE_FAILED', `container ${bundle.container} was started a second time`);
    }
    checkMounts(source, bundle);
    const devices = await planContainerDevices(node, this.restore.record.devices, bundle, signal);
    await this.#lock(bundle, shim, signal);
    const memoryLimit = await this.#makeRoom(call, bundle, shim);
    const work = this.places.records.workOf(this.uid, call.id);
    const answer = await prepareContainer(
      node,
      call,
      bundle,
      shim,
      { image: this.image, work, tcp: this.restore.record.tcp, memoryLimit },
      signal,
    );
    const { hostname } = await readBundle(sandboxBundle(call.bundle, bundle.sandbox), shim);
    const wrapper = await processFacts(call.pid);
    const container = { id: call.id, bundle: call.bundle, pid: call.pid, startTime: wrapper?.startTime ?? '' };
    await this.#note((now) => ({
      ...now,
      shim,
      hostname,
      devices: devices === undefined ? now.devices : { ...now.devices, [bundle.container]: devices },
      containers: { ...now.containers, [bundle.container]: container },
    }));
    return answer;
  }

  /** For the state of devices, where it did not fit at the source. Returns the limit that the container is to begin with. */
  async #makeRoom(call: Call, bundle: PodBundle, shim: Shim): Promise<number | undefined> {
    const { node } = this.places;
    const { record } = this.restore;
    if (record.raised !== true) return undefined;
    const { raised, memoryLimits = {} } = await this.#attempt();
    if (raised === undefined) {
      const limits = await limitsOfPod(record, call, bundle, shim);
      await this.#note((now) => ({ ...now, raised: limits }));
    }
    await raisePod(node, record, (await this.#attempt()).raised ?? []);
    // In the bundle of a call that is worked on again it is raised already.
    const own = memoryLimits[bundle.container] ?? bundle.config.linux?.resources?.memory?.limit;
    const limit = beginningLimit(node, record, bundle.container, own);
    if (limit === undefined || own === undefined) return undefined;
    await this.#note((now) => ({ ...now, memoryLimits: { ...now.memoryLimits, [bundle.container]: own } }));
    return limit;
  }

  /** Only connections that come back need it. */
  async #lock(bundle: PodBundle, shim: Shim, signal: AbortSignal): Promise<void> {
    const network = networkOf(bundle);
    if (this.restore.record.tcp !== 'keep' || network === undefined) return;
    await this.#note((now) => ({ ...now, shim, locked: network }));
    await lockLoopback(this.places.node, shim, network, signal);
  }

  /** Each volume once, and the shared memory of each sandbox. */
  async #fill(bundle: PodBundle, shim: Shim, signal: AbortSignal): Promise<void> {
    const { node } = this.places;
    const attempt = await this.#attempt();
    const due = await fillingsFor(node, shim, bundle, this.restore.record, this.image, attempt);
    for (const filling of due) {
      await fillVolume(node, shim, filling, signal);
      const { volume } = filling;
      await this.#note((now) =>
        volume === undefined ? { ...now, memory: bundle.sandbox } : { ...now, volumes: [...now.volumes, volume] },
      );
    }
  }

  /** Waits until the whole pod is there and lets it go on. Throws what has ended the try; then nothing of it runs. */
  async run(signal: AbortSignal): Promise<RestoreRecord> {
    for (;;) {
      throwIfAborted(signal);
      const failure = this.#failure ?? (await this.#look());
      if (failure instanceof GritError) throw await this.#giveUp(failure);
      if (failure !== undefined) return failure;
      const wake = AbortSignal.any([signal, this.#wake.signal]);
      await delay(LOOK_MS, undefined, { signal: wake }).catch(() => undefined);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  /** The record of a pod that goes on, what has gone wrong, or undefined while it is not all there. */
  async #look(): Promise<RestoreRecord | GritError | undefined> {
    const attempt = await this.#attempt();
    const { shim } = attempt;
    if (shim === undefined) return undefined;
    if (attempt.thawing === true) return finishThaw(this.places, this.uid);
    let missing = 0;
    for (const { name } of this.restore.record.containers) {
      const container = attempt.containers[name];
      if (container === undefined) {
        missing++;
        continue;
      }
      const progress = await this.#progressOf(name, container, shim);
      if (progress instanceof GritError) return progress;
      if (progress !== 'ready') missing++;
    }
    if (missing > 0) return undefined;
    try {
      await beginThaw(this.places, this.uid);
    } catch (error) {
      return error as GritError;
    }
    return finishThaw(this.places, this.uid);
  }

  async #progressOf(
    name: string,
    container: RestoringContainer,
    shim: Shim,
  ): Promise<'ready' | 'under way' | GritError> {
    const work = this.places.records.workOf(this.uid, container.id);
    const progress = await progressOf(container, shim, work, this.places.calls);
    if (progress.state === 'ready') return 'ready';
    if (progress.state !== 'failed') return 'under way';
    return new GritError('GRIT_RESTORE_FAILED', `container ${name} could not be restored: ${progress.reason}`);
  }

  async #giveUp(failure: GritError): Promise<GritError> {
    await this.#queue;
    const record = await this.places.records.update(this.uid, (now) =>
      now?.attempt === undefined ? now : { ...now, attempt: { ...now.attempt, failed: failure.message } },
    );
    if (record?.attempt !== undefined) await this.#endAll(record.attempt);
    return failure;
  }

  async #endAll(attempt: Attempt): Promise<void> {
    await endAttempt(this.places, this.uid, attempt);
  }

  async #attempt(): Promise<Attempt> {
    const record = await this.places.records.read(this.uid);
    if (record?.attempt === undefined) throw new GritError('GRIT_RESTORE_FAILED', 'the restore was taken back');
    return record.attempt;
  }

  async #note(change: (attempt: Attempt) => Attempt): Promise<void> {
    await this.places.records.update(this.uid, (now) => {
      const record = open(now);
      if (record.attempt === undefined) throw new GritError('GRIT_RESTORE_FAILED', 'the restore was taken back');
      return { ...record, attempt: change(record.attempt) };
    });
  }
}

/** Throws when somebody has decided otherwise. */
function open(record: RestoreRecord | undefined): RestoreRecord {
  if (record?.gate === 'closed') return record;
  throw new GritError('GRIT_RESTORE_FAILED', record?.message ?? 'the restore was taken back');
}

/** Ends all containers of a try that came to nothing. */
export async function endAttempt(
  { node, records, calls }: AttemptPlaces,
  uid: string,
  attempt: Attempt,
): Promise<void> {
  const { shim, locked, raised } = attempt;
  if (shim === undefined) return lowerLimits(raised);
  for (const container of Object.values(attempt.containers)) {
    await endContainer(container, shim, records.workOf(uid, container.id), node.env);
    await calls.forget(container.id);
  }
  await lowerLimits(raised);
  // The pod may be gone, and its network with it.
  if (locked !== undefined) await unlockLoopback(node, shim, locked).catch(() => undefined);
}

/** Everything up to the point of no return. */
async function beginThaw({ node, records }: AttemptPlaces, uid: string): Promise<void> {
  const record = open(await records.read(uid));
  const { attempt } = record;
  if (attempt?.shim === undefined) throw new GritError('GRIT_RESTORE_FAILED', 'the restore was taken back');
  const containers = await completeContainers(attempt, attempt.shim);
  const places = { living: containers, shim: attempt.shim };
  await renewPodDevices(node, record.restore?.record.devices, attempt, places, NEVER);
  const [first] = containers;
  if (attempt.hostname !== undefined && first !== undefined) {
    await resetHostname(node, first.pid, attempt.hostname, NEVER);
  }
  const processes = await Promise.all(
    containers.map(async ({ name, pid }) => {
      return { container: name, pid, startTime: (await processFacts(pid))?.startTime ?? '' };
    }),
  );
  await records.update(uid, (now) => {
    const record = open(now);
    const { attempt: still } = record;
    if (still === undefined || still.failed !== undefined) {
      throw new GritError('GRIT_RESTORE_FAILED', still?.failed ?? 'the restore was taken back');
    }
    return { ...record, attempt: { ...still, thawing: true }, restored: { at: Date.now(), processes } };
  });
}

/** Lets the containers go on, and notes it; also after an agent that died in the middle of it. Idempotent. Errors: those of DeviceDriver.restore. */
export async function finishThaw(places: AttemptPlaces, uid: string): Promise<RestoreRecord> {
  const { node, records, calls } = places;
  const record = await records.read(uid);
  if (record?.gate === 'restored') return record;
  const { attempt, restore } = open(record);
  let timings: readonly Timing[] = [];
  if (attempt?.shim !== undefined) {
    const living = await livingContainers(attempt, attempt.shim);
    if (attempt.locked !== undefined && living.length > 0) await unlockLoopback(node, attempt.shim, attempt.locked);
    await thawAll(living);
    try {
      timings = await returnPodDevices(node, restore?.record.devices, attempt, living, NEVER);
    } catch (cause) {
      await fallBack(places, uid, attempt, cause as Error);
      throw cause;
    }
    await lowerPod(attempt, living);
  }
  const done = await records.update(uid, (now) => {
    if (now?.gate === 'restored') return now;
    const closed = open(now);
    const restored = closed.restored && { ...closed.restored, timings };
    return { ...closed, gate: 'restored' as const, attempt: undefined, restored };
  });
  for (const { id } of Object.values(attempt?.containers ?? {})) await calls.forget(id);
  await records.clearWork(uid);
  return done;
}

/**
 * Some processes have no device to go on with: none of the pod goes on, and nobody is told that it was restored. What ran for that moment did so
 * without its devices.
 */
async function fallBack(places: AttemptPlaces, uid: string, attempt: Attempt, cause: Error): Promise<void> {
  await endAttempt(places, uid, attempt);
  await places.records.update(uid, (now) => ({
    ...open(now),
    attempt: { ...attempt, thawing: undefined, failed: cause.message },
    restored: undefined,
  }));
}
