// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { Observer, type ObservedPod, type Snapshot } from './observer.js';

interface Process {
  readonly pod: ObservedPod;
  /** When it ends by itself; undefined: never. */
  readonly runMs: number | undefined;
  ranMs: number;
  state: 'running' | 'frozen' | 'ended';
  runningSince: number;
  timer?: NodeJS.Timeout;
}

/** The processes of the pods of all simulated nodes: what a kernel would know. Outlives agents and kubelets. */
export class Processes {
  readonly observer = new Observer();
  readonly #all = new Map<string, Process>();

  /** `onFinished` is told when processes have done all of their work. */
  constructor(private readonly onFinished: (podUid: string) => void) {}

  /** Starts the processes of a pod, from nothing or from a dump. `runMs`: how long their work is in all. */
  start(pod: ObservedPod, runMs: number | undefined, from?: Snapshot): void {
    if (from === undefined) this.observer.startedFresh(pod);
    else this.observer.restored(pod, from);
    const process: Process = { pod, runMs, ranMs: from?.ranMs ?? 0, state: 'running', runningSince: 0 };
    this.#all.set(pod.uid, process);
    this.#run(process);
  }

  has(podUid: string): boolean {
    return this.#all.has(podUid);
  }

  isLiving(podUid: string): boolean {
    const state = this.#all.get(podUid)?.state;
    return state === 'running' || state === 'frozen';
  }

  isFrozen(podUid: string): boolean {
    return this.#all.get(podUid)?.state === 'frozen';
  }

  /** Freezes them where they run. Errors: GRIT_WORKLOAD_NOT_RUNNING. */
  freeze(podUid: string, node: string): void {
    const process = this.#on(podUid, node);
    if (process.state === 'frozen') return;
    this.#pause(process);
    process.state = 'frozen';
    this.observer.frozen(podUid);
  }

  /** Lets frozen ones run; those that have ended meanwhile stay so. */
  resume(podUid: string): void {
    const process = this.#all.get(podUid);
    if (process?.state !== 'frozen') return;
    this.observer.resumed(podUid);
    this.#run(process);
  }

  /** Errors: GRIT_WORKLOAD_NOT_RUNNING. */
  snapshot(podUid: string, node: string): Snapshot {
    return this.observer.snapshot(podUid, this.#on(podUid, node).ranMs);
  }

  /** They are there no more, whatever they were doing. */
  end(podUid: string): void {
    const process = this.#all.get(podUid);
    if (process === undefined || process.state === 'ended') return;
    if (process.state === 'running') this.#pause(process);
    process.state = 'ended';
    this.observer.ended(podUid);
  }

  stop(): void {
    for (const { timer } of this.#all.values()) clearTimeout(timer);
  }

  #on(podUid: string, node: string): Process {
    const process = this.#all.get(podUid);
    if (process?.pod.node === node && process.state !== 'ended') return process;
    throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `no processes of pod ${podUid} on node ${node}`, {
      retryable: false,
    });
  }

  #run(process: Process): void {
    process.state = 'running';
    process.runningSince = performance.now();
    if (process.runMs === undefined) return;
    process.timer = setTimeout(() => this.#finish(process), Math.max(process.runMs - process.ranMs, 0));
  }

  #pause(process: Process): void {
    clearTimeout(process.timer);
    process.ranMs += performance.now() - process.runningSince;
  }

  #finish(process: Process): void {
    this.end(process.pod.uid);
    this.onFinished(process.pod.uid);
  }
}
