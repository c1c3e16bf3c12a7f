// SPDX-License-Identifier: Apache-2.0

/** What a pod's processes were when they were dumped. */
export interface Snapshot {
  /** The workload: UID of the pod in which it began. */
  readonly workload: string;
  /** The pod that was dumped. */
  readonly podUid: string;
  /** How often it had been let run before the dump. */
  readonly runs: number;
  /** How long it had run, milliseconds. */
  readonly ranMs: number;
}

/** A pod as the observer names it. */
export interface ObservedPod {
  readonly uid: string;
  /** `namespace/name`. */
  readonly name: string;
  readonly node: string;
  /** Whoever makes the pod anew when it is gone. */
  readonly ownerUid: string | undefined;
}

type State = 'running' | 'frozen' | 'ended';

interface Seen {
  readonly pod: ObservedPod;
  readonly workload: string;
  state: State;
  runs: number;
}

/**
 * Sees what the simulated nodes do to processes and judges it, with no look at any object: two copies of a workload must never run at once,
 * and none may run while the other could be let run again.
 */
export class Observer {
  /** What must not happen, and happened. */
  readonly violations: string[] = [];
  /** Restores after whose dump the source had run on: its work since then is done twice. Right only where a user asked for it. */
  readonly repeatedWork: string[] = [];
  /** Everything, in its order, for the message of a failing test. */
  readonly history: string[] = [];
  readonly #pods = new Map<string, Seen>();
  readonly #byWorkload = new Map<string, Seen[]>();
  readonly #freshStarts = new Map<string, number>();

  /** Its processes run, from their beginning. */
  startedFresh(pod: ObservedPod): void {
    const owner = pod.ownerUid ?? pod.name;
    this.#freshStarts.set(owner, this.freshStarts(owner) + 1);
    this.#begin(pod, pod.uid);
    this.#note('started fresh', pod);
  }

  /** Its processes run, from a dump on. */
  restored(pod: ObservedPod, from: Snapshot): void {
    const others = (this.#byWorkload.get(from.workload) ?? []).filter(({ state }) => state !== 'ended');
    for (const other of others) {
      this.violations.push(`${pod.name} (${pod.uid}) was restored while ${describe(other)}, the same workload`);
    }
    const source = this.#pods.get(from.podUid);
    if (source !== undefined && source.runs !== from.runs) {
      this.repeatedWork.push(`${pod.name} (${pod.uid}) goes on from a dump after which ${describe(source)} had run on`);
    }
    this.#begin(pod, from.workload);
    this.#note(`restored from ${from.podUid}`, pod);
  }

  frozen(uid: string): void {
    this.#change(uid, 'frozen', ['running']);
  }

  resumed(uid: string): void {
    const seen = this.#change(uid, 'running', ['frozen']);
    if (seen === undefined) return;
    seen.runs += 1;
    const others = (this.#byWorkload.get(seen.workload) ?? []).filter((other) => other !== seen);
    for (const other of others.filter(({ state }) => state === 'running')) {
      this.violations.push(`${seen.pod.name} (${uid}) was let run while ${describe(other)}, the same workload`);
    }
  }

  ended(uid: string): void {
    this.#change(uid, 'ended', ['running', 'frozen']);
  }

  /** The dump of a pod that is frozen. */
  snapshot(uid: string, ranMs: number): Snapshot {
    const seen = this.#pods.get(uid);
    if (seen?.state !== 'frozen')
      throw new Error(`pod ${uid} is ${seen?.state ?? 'unknown'}; only what is frozen is dumped`);
    this.#note('dumped', seen.pod);
    return { workload: seen.workload, podUid: uid, runs: seen.runs, ranMs };
  }

  /** How many pods of an owner (by UID, or a bare pod by `namespace/name`) began from nothing. */
  freshStarts(owner: string): number {
    return this.#freshStarts.get(owner) ?? 0;
  }

  /** Pods that are frozen now. */
  get frozenPods(): readonly ObservedPod[] {
    return [...this.#pods.values()].filter(({ state }) => state === 'frozen').map(({ pod }) => pod);
  }

  #begin(pod: ObservedPod, workload: string): void {
    if (this.#pods.has(pod.uid)) this.violations.push(`${pod.name} (${pod.uid}) was started twice`);
    const seen: Seen = { pod, workload, state: 'running', runs: 1 };
    this.#pods.set(pod.uid, seen);
    this.#byWorkload.set(workload, [...(this.#byWorkload.get(workload) ?? []), seen]);
  }

  #change(uid: string, state: State, from: readonly State[]): Seen | undefined {
    const seen = this.#pods.get(uid);
    if (seen === undefined || !from.includes(seen.state)) {
      this.violations.push(`pod ${uid} is ${seen?.state ?? 'unknown'} and cannot become ${state}`);
      return undefined;
    }
    seen.state = state;
    this.#note(state, seen.pod);
    return seen;
  }

  #note(what: string, pod: ObservedPod): void {
    this.history.push(`${new Date().toISOString()} ${pod.name} (${pod.uid}) on ${pod.node}: ${what}`);
  }
}

function describe({ pod, state }: Seen): string {
  return `${pod.name} (${pod.uid}) is ${state} on ${pod.node}`;
}
