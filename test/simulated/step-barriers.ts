// SPDX-License-Identifier: Apache-2.0

/** Where a simulated agent or kubelet can be stopped: before it does anything, at each change of the node's state, and before it reports. */
export type StepPoint =
  | 'checkpoint.before'
  | 'checkpoint.frozen'
  | 'checkpoint.stored'
  | 'release.before'
  | 'release.after'
  | 'abort.before'
  | 'abort.after'
  | 'discard.before'
  | 'restore.before'
  | 'restore.fetched'
  | 'restore.after'
  | 'start-fresh.before'
  | 'start-fresh.after'
  /** A kubelet is about to start the processes of a pod; the object is the pod. */
  | 'pod.start'
  /** A kubelet is about to end the processes of a deleted pod; the object is the pod. */
  | 'pod.end';

/** Which steps a barrier stops; all that is said must agree. */
export interface BarrierScope {
  readonly node?: string;
  /** `namespace/name` of the Checkpoint or Restore; of the pod at `pod.start` and `pod.end`. */
  readonly object?: string;
}

/** A closed barrier. */
export interface StepBarrier {
  /** The first step has come to it. */
  readonly reached: Promise<unknown>;
  /** Lets through whoever waits, and those that come. */
  open(): void;
}

interface Closed extends StepBarrier {
  readonly point: StepPoint;
  readonly scope: BarrierScope;
  readonly opened: Promise<unknown>;
  readonly reach: () => void;
}

/** Barriers in the way of the simulated agents, so that a test stops the world at an exact point. */
export class StepBarriers {
  readonly #closed = new Set<Closed>();

  close(point: StepPoint, scope: BarrierScope = {}): StepBarrier {
    const reached = Promise.withResolvers<undefined>();
    const opened = Promise.withResolvers<undefined>();
    const barrier: Closed = {
      point,
      scope,
      reached: reached.promise,
      reach: () => reached.resolve(undefined),
      opened: opened.promise,
      open: () => {
        this.#closed.delete(barrier);
        opened.resolve(undefined);
      },
    };
    this.#closed.add(barrier);
    return barrier;
  }

  openAll(): void {
    for (const barrier of [...this.#closed]) barrier.open();
  }

  /** Waits while a barrier stands at the point; an abort ends the waiting with its reason. */
  async pass(point: StepPoint, node: string, object: string, signal: AbortSignal): Promise<void> {
    for (const barrier of [...this.#closed]) {
      const { scope } = barrier;
      if (barrier.point !== point) continue;
      if ((scope.node ?? node) !== node || (scope.object ?? object) !== object) continue;
      barrier.reach();
      await untilAborted(barrier.opened, signal);
    }
    signal.throwIfAborted();
  }
}

async function untilAborted(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([done, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
