// SPDX-License-Identifier: Apache-2.0
import { isGritError, type JobQueue, type Logger } from '@grit/plugin-api';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { Step, StepReport } from '../api/step.js';
import { nodeJobOf, NODE_JOB, routeOf } from './node-job.js';
import { isFinal, reportOf, type StepStatus } from './order-step.js';

/** An object with an order. */
export type OrderedObject = KubeObject & { readonly status?: StepStatus | undefined };

/** An agent answers at once; a job that it has not answered for so long may be lost. */
const UNANSWERED_MS = 5_000;
/** Progress comes each second; an agent that is still for so long may be gone, and its job with it. */
const SILENT_MS = 60_000;
/** After a queue that was down. */
const QUEUE_DOWN_MS = 2_000;

interface Sent {
  readonly route: ReturnType<typeof routeOf>;
  /** Ids of the jobs, the newest last. */
  readonly ids: string[];
  /** When the queue was looked at last, and what the agent had said by then. */
  checkedAt: number;
  said: string;
}

/**
 * Wakes the agents of nodes. The order stands in the object's status; a job only says that there is one, so each may be lost or come twice. What
 * was sent is remembered here for as long as this process lives: after a restart everything unanswered is sent again.
 */
export class StepDispatcher {
  readonly #queue: JobQueue;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #sent = new Map<string, Sent>();

  constructor(queue: JobQueue, logger: Logger, now: () => number = () => performance.now()) {
    this.#queue = queue;
    this.#logger = logger;
    this.#now = now;
  }

  /** Another one that remembers nothing. */
  anew(): StepDispatcher {
    return new StepDispatcher(this.#queue, this.#logger, this.#now);
  }

  /** Orders that wait for an answer. */
  get size(): number {
    return this.#sent.size;
  }

  /**
   * Sees to it that the agent knows of the object's order. Never throws because of the queue.
   *
   * @returns when to call again, in milliseconds; undefined when there is no order or it was answered.
   */
  async dispatch(type: ResourceType, object: OrderedObject, signal: AbortSignal): Promise<number | undefined> {
    const step = object.status?.step;
    const report = reportOf(object.status);
    if (step === undefined) return undefined;
    if (isFinal(report)) {
      this.#sent.delete(step.token);
      return undefined;
    }
    const sent = this.#sent.get(step.token);
    if (sent === undefined) return this.#send(type, object, step, report, signal);
    const said = wordsOf(report);
    if (said !== sent.said) {
      sent.said = said;
      sent.checkedAt = this.#now();
    }
    const patience = report === undefined ? UNANSWERED_MS : SILENT_MS;
    const left = sent.checkedAt + patience - this.#now();
    return left > 0 ? left : this.#send(type, object, step, report, signal);
  }

  /** Takes an order's jobs from the queue, so that an agent that works on them stops at once. */
  async cancel(step: Step, reason: string, signal: AbortSignal): Promise<void> {
    const sent = this.#sent.get(step.token);
    this.#sent.delete(step.token);
    for (const id of sent?.ids ?? [step.token]) {
      try {
        await this.#queue.cancel(routeOf(step.node), id, reason, signal);
      } catch (error) {
        // The agent sees in the object's status that the order is no more.
        this.#logger.debug('a job could not be cancelled', { id, error: String(error) });
      }
    }
  }

  async #send(
    type: ResourceType,
    object: OrderedObject,
    step: Step,
    report: StepReport | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const sent = this.#sent.get(step.token) ?? { route: routeOf(step.node), ids: [], checkedAt: 0, said: '' };
    try {
      const last = sent.ids.at(-1);
      // A job that waits, for a node that is down or has much to do, is as good as a new one.
      if (last === undefined || !(await this.#isAlive(sent.route, last, signal))) {
        const id = last === undefined ? step.token : `${step.token}-${String(sent.ids.length)}`;
        await this.#queue.submit(sent.route, NODE_JOB, nodeJobOf(type, object, step), { id, attempts: 1 }, signal);
        sent.ids.push(id);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      this.#logger.warn('the queue does not take the job of a node, tried again soon', {
        node: step.node,
        error: isGritError(error) ? error.code : String(error),
      });
      return QUEUE_DOWN_MS;
    }
    sent.checkedAt = this.#now();
    sent.said = wordsOf(report);
    this.#sent.set(step.token, sent);
    return report === undefined ? UNANSWERED_MS : SILENT_MS;
  }

  async #isAlive(route: Sent['route'], id: string, signal: AbortSignal): Promise<boolean> {
    try {
      const { state } = await this.#queue.get(route, id, signal);
      return state === 'waiting' || state === 'delayed' || state === 'active';
    } catch (error) {
      if (isGritError(error) && error.code === 'GRIT_JOB_NOT_FOUND') return false;
      throw error;
    }
  }
}

/** What tells one report from the next. */
function wordsOf(report: StepReport | undefined): string {
  return report === undefined ? '' : JSON.stringify([report.phase, report.progress]);
}
