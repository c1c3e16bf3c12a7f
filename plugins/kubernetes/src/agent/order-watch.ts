// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { ResourceType } from '../api/kinds.js';
import { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';
import { KubeError } from '../kit/kube-error.js';
import { orderOf } from './confirm-order.js';
import { insist } from './insist.js';
import type { OrderDesk } from './order-desk.js';
import { ORDERING_TYPES, type OrderingObject, type Wake } from './wake-job.js';

/**
 * Watches the objects whose newest order is for this node. It finds what an agent before this one had in hand, and hears at once when an
 * order is replaced or its object deleted; new orders come by the queue.
 */
export class OrderWatch {
  readonly #informers: { readonly type: ResourceType<OrderingObject>; readonly seen: Informer<OrderingObject> }[] = [];

  constructor(
    private readonly client: KubeClient,
    private readonly node: string,
    private readonly desk: OrderDesk,
    private readonly logger: Logger,
  ) {}

  /** Returns when all objects of the node are known; what is unfinished among them is gone on with. */
  async start(signal: AbortSignal): Promise<void> {
    for (const type of ORDERING_TYPES) {
      const seen = new Informer(this.client, type, await this.#selector(type, signal), this.logger);
      seen.onChange(({ type: change, object }) => {
        if (change === 'deleted') this.desk.gone(object);
        else this.desk.look(type, object);
      });
      seen.start(signal);
      this.#informers.push({ type, seen });
    }
    await Promise.all(this.#informers.map(({ seen }) => seen.synced));
    signal.throwIfAborted();
    for (const wake of this.unfinished()) void this.desk.take(wake).catch(() => undefined);
  }

  /** API servers before 1.31 select resources like ours by name only: then all objects are watched. */
  async #selector(type: ResourceType, signal: AbortSignal): Promise<{ readonly fieldSelector?: string }> {
    const fieldSelector = `status.step.node=${this.node}`;
    try {
      await insist(
        () => this.client.list(type, { fieldSelector, limit: 1 }, signal),
        this.logger,
        signal,
        isBadRequest,
      );
      return { fieldSelector };
    } catch (error) {
      if (!isBadRequest(error)) throw error;
      return {};
    }
  }

  /** Orders to this node that have no final report. */
  unfinished(): readonly Wake[] {
    return this.#informers.flatMap(({ type, seen }) =>
      seen.list().flatMap((object) => {
        const order = orderOf(type, object, this.node);
        const { namespace = '', name, uid = '' } = object.metadata;
        return order === undefined ? [] : [{ type, namespace, name, uid, token: order.step.token }];
      }),
    );
  }
}

function isBadRequest(error: unknown): boolean {
  return error instanceof KubeError && error.status === 400;
}
