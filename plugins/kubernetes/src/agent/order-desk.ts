// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type Logger } from '@grit/plugin-api';
import type { ResourceType } from '../api/kinds.js';
import type { KubeClient } from '../kit/kube-client.js';
import { confirmOrder, isVoid } from './confirm-order.js';
import { insist } from './insist.js';
import { isNewer } from './newer.js';
import type { NodeHandlers, StepOrder } from './node-handlers.js';
import { ReportWriter } from './report-writer.js';
import { runStep } from './running-step.js';
import type { Slots } from './slots.js';
import type { OrderingObject, Wake } from './wake-job.js';

/** What a desk works with. */
export interface DeskOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly handlers: NodeHandlers;
  /** Of steps that move data: the others must not wait for these. */
  readonly slots: Slots;
  readonly progressMs: number;
  readonly logger: Logger;
}

const MOVES_DATA: readonly string[] = ['checkpoint', 'prefetch', 'restore'];

interface InHand {
  readonly order: StepOrder;
  readonly writer: ReportWriter;
  readonly cancel: AbortController;
  readonly ended: Promise<void>;
}

/** The orders that this agent has in hand: at most one an object, the one that the API server has. */
export class OrderDesk {
  readonly #inHand = new Map<string, InHand>();

  constructor(
    private readonly options: DeskOptions,
    /** Aborted when the agent ends: steps stop, and are gone on with by the next agent. */
    private readonly ended: AbortSignal,
  ) {}

  /** Orders in hand. */
  get size(): number {
    return this.#inHand.size;
  }

  /**
   * Asks the API server whether it has this order, and works on it if so. Returns at its end; a second call for the same order waits for the
   * first. Never throws because of a step.
   */
  async take(wake: Wake): Promise<void> {
    while (!this.ended.aborted) {
      const known = this.#inHand.get(wake.uid);
      if (known?.order.step.token === wake.token) return known.ended;
      const object = await this.#read(wake);
      if (object === undefined) return;
      this.look(wake.type, object);
      const order = confirmOrder(wake, object, this.options.node);
      const other = this.#inHand.get(wake.uid);
      if (order === undefined) {
        this.options.logger.debug('an order that the API server does not have', { ...facts(wake), token: wake.token });
        return;
      }
      if (other === undefined) return this.#begin(wake.type, order);
      // What was read is older than what is worked on.
      if (other.order.step.token !== wake.token && isNewer(other.order.object, object)) return;
      // The one before has been told to stop. What is ordered by then is read anew.
      await other.ended;
    }
  }

  /** Takes a version of an object, wherever it was seen: what it orders no more is stopped. */
  look(type: ResourceType<OrderingObject>, object: OrderingObject): void {
    const inHand = this.#inHand.get(object.metadata.uid ?? '');
    if (inHand === undefined || inHand.order.kind !== type.kind || isNewer(inHand.order.object, object)) return;
    inHand.writer.saw(object);
    const { step } = inHand.order;
    if (object.status?.step?.token !== step.token) {
      inHand.cancel.abort(new GritError('GRIT_STEP_FENCED', `step ${step.name} was replaced by another order`));
    } else if (isVoid(object, step)) {
      inHand.cancel.abort(new GritError('GRIT_OPERATION_CANCELLED', `the ${type.kind} is being deleted`));
    }
  }

  /** An object that is there no more, or that orders nothing from this node any more. */
  gone(object: OrderingObject): void {
    const inHand = this.#inHand.get(object.metadata.uid ?? '');
    // An order that has come since may be heard of by the queue first.
    if (inHand === undefined || isNewer(inHand.order.object, object)) return;
    inHand.cancel.abort(new GritError('GRIT_STEP_FENCED', 'the object is gone, or another node has the order'));
  }

  /** Looks at an order again, when somebody says that it is not wanted. Only the API server can take it back. */
  async lookAgain(wake: Wake): Promise<void> {
    if (!this.#inHand.has(wake.uid)) return;
    const object = await this.#read(wake);
    if (object !== undefined) this.look(wake.type, object);
  }

  /** Returns when nothing is in hand. */
  async settled(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.all([...this.#inHand.values()].map(({ ended }) => ended));
  }

  /** The object under the name, if it is still the one. */
  async #read(wake: Wake): Promise<OrderingObject | undefined> {
    const { client, logger } = this.options;
    const found = await insist(() => client.find(wake.type, wake, this.ended), logger, this.ended);
    return found?.metadata.uid === wake.uid ? found : undefined;
  }

  #begin(type: ResourceType<OrderingObject>, order: StepOrder): Promise<void> {
    const { client, node } = this.options;
    const { object, step } = order;
    const uid = object.metadata.uid ?? '';
    const logger = this.options.logger.child({ node, ...facts({ type, ...object.metadata }), step: step.name });
    const writer = new ReportWriter({ client, type, object, token: step.token, logger });
    const cancel = new AbortController();
    const ended = this.#work(order, writer, cancel.signal, logger).finally(() => this.#inHand.delete(uid));
    this.#inHand.set(uid, { order, writer, cancel, ended });
    return ended;
  }

  async #work(order: StepOrder, writer: ReportWriter, wanted: AbortSignal, logger: Logger): Promise<void> {
    const { handlers, slots, progressMs } = this.options;
    const heavy = MOVES_DATA.includes(order.step.name);
    try {
      const leave = heavy ? await slots.enter(AbortSignal.any([wanted, this.ended])) : undefined;
      await runStep({ order, handlers, writer, progressMs, logger }, wanted, this.ended).finally(leave);
    } catch (error) {
      const reason = isGritError(error) ? error.code : String(error);
      logger.info('step left', { reason: this.ended.aborted ? 'the agent ends' : reason });
    }
  }
}

function facts({ type, namespace, name }: { type: ResourceType; namespace?: string | undefined; name: string }) {
  return { object: `${type.kind} ${namespace ?? ''}/${name}` };
}
