// SPDX-License-Identifier: Apache-2.0
import { GritError, type JobQueue, type JobRoute, type Logger, type Progress } from '@grit/plugin-api';
import type { AgentApi } from '../api/agent-api.js';
import type { Catalog, StepRecord } from '../catalog/catalog.js';

/** An unclaimed step is sent again after this time: the queue may have lost it. */
const RESEND_MS = 2_000;
const TICK_MS = 250;

/** How long an agent may be silent before its node counts as gone. */
export const NODE_GONE_MS = 20_000;

type StepKey = Pick<StepRecord, 'operation' | 'name' | 'token'>;

/** Brings steps to their nodes through the queue and waits for what the catalog says of them. */
export class StepDelivery implements Pick<AgentApi, 'claim' | 'progress' | 'finish'> {
  readonly #startedAt = Date.now();
  readonly #claimed = new Set<string>();
  readonly #aborting = new Set<string>();
  #sent = 0;

  constructor(
    private readonly catalog: Catalog,
    private readonly queue: JobQueue,
    private readonly logger: Logger,
  ) {}

  /** Waits for the end of a step that was handed out, sending it as often as it takes. Returns the finished step. */
  async run(record: StepRecord, abort: AbortSignal, stop: AbortSignal): Promise<StepRecord> {
    const changed = new Wakeup();
    const ends = [
      this.catalog.onChange(record.operation, () => changed.wake()),
      onAbort(abort, () => changed.wake()),
      onAbort(stop, () => changed.wake()),
    ];
    let sentFor: string | undefined;
    let sentAt = 0;
    let job: string | undefined;
    let abortSent = false;
    try {
      for (;;) {
        stop.throwIfAborted();
        const step = this.catalog.getStep(record.operation, record.name) ?? record;
        if (step.phase !== 'Running') return step;
        if (abort.aborted) {
          this.#aborting.add(keyOf(step));
          if (!abortSent && job !== undefined) {
            abortSent = true;
            await this.#cancel(step, job, stop);
          }
        }
        if (this.#isGone(step)) return this.#giveUp(step);
        const unclaimed = !this.#claimed.has(keyOf(step)) && Date.now() - sentAt > RESEND_MS;
        if (sentFor !== step.token || unclaimed) {
          sentFor = step.token;
          sentAt = Date.now();
          job = await this.#send(step, stop);
        }
        await changed.wait(TICK_MS);
      }
    } finally {
      for (const end of ends) end();
    }
  }

  /** Steps that an agent had in hand when it died get a new attempt. */
  takeOver(node: string): void {
    for (const step of this.catalog.runningSteps(node)) {
      this.catalog.startStep(step.operation, { name: step.name, node, input: step.input, takeOver: true });
    }
  }

  async claim(step: StepKey, _signal: AbortSignal): Promise<StepRecord> {
    const record = this.catalog.claimStep(step.operation, step.name, step.token);
    this.#claimed.add(keyOf(step));
    return record;
  }

  async progress(step: StepKey & { readonly progress: Progress }, _signal: AbortSignal): Promise<boolean> {
    this.catalog.progressStep(step.operation, step.name, step.token, step.progress);
    this.#claimed.add(keyOf(step));
    return this.#aborting.has(keyOf(step));
  }

  async finish(step: StepKey, result: Parameters<AgentApi['finish']>[1], _signal: AbortSignal): Promise<void> {
    this.catalog.finishStep(step.operation, step.name, step.token, result);
    this.#claimed.delete(keyOf(step));
    this.#aborting.delete(keyOf(step));
  }

  async #send(step: StepRecord, signal: AbortSignal): Promise<string | undefined> {
    this.#sent += 1;
    const id = `${step.token}-${this.#startedAt.toString(36)}-${this.#sent}`;
    try {
      const data = { operation: step.operation, name: step.name, token: step.token };
      await this.queue.submit(routeOf(step), 'step', data, { id, attempts: 1 }, signal);
      return id;
    } catch (error) {
      // The catalog has the step; the next tick sends it again.
      this.logger.debug('step not sent', { operation: step.operation, step: step.name, reason: String(error) });
      return undefined;
    }
  }

  async #cancel(step: StepRecord, job: string, signal: AbortSignal): Promise<void> {
    await this.queue.cancel(routeOf(step), job, 'operation cancelled', signal).catch((error: unknown) => {
      // The agent hears of it with its next progress report.
      this.logger.debug('cancel not sent', { operation: step.operation, reason: String(error) });
    });
  }

  #isGone(step: StepRecord): boolean {
    const seen = Math.max(this.catalog.getNode(step.node ?? '')?.lastSeen ?? 0, this.#startedAt, step.startedAt);
    return Date.now() - seen > NODE_GONE_MS;
  }

  /** Fences whatever the node may still do, then fails the step. */
  #giveUp(step: StepRecord): StepRecord {
    const { token } = this.catalog.startStep(step.operation, { ...step, takeOver: true });
    const error = new GritError(
      'GRIT_NODE_GONE',
      `node ${String(step.node)} has not answered for ${NODE_GONE_MS / 1000} s`,
      // Waited for long enough, maybe with a workload frozen.
      { retryable: false, details: { node: String(step.node) } },
    );
    return this.catalog.finishStep(step.operation, step.name, token, { error: error.toJSON() });
  }
}

function routeOf(step: StepRecord): JobRoute {
  return `node-${String(step.node)}`;
}

function keyOf(step: StepKey): string {
  return `${step.operation}/${step.name}/${step.token}`;
}

function onAbort(signal: AbortSignal, listener: () => void): () => void {
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** A wait that a change ends early, also a change that came just before it. */
class Wakeup {
  #woken = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = undefined;
    this.#woken = false;
  }
}
