// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../api/checkpoint.js';
import type { ResourceType } from '../api/kinds.js';
import type { Restore } from '../api/restore.js';
import type { Step } from '../api/step.js';
import { isUnfinished } from '../steps/order-step.js';
import type { StepOrder } from './node-handlers.js';
import type { OrderingObject, Wake } from './wake-job.js';

/** The unfinished order of an object to this node, if there is one that may still be begun. */
export function orderOf(
  type: ResourceType<OrderingObject>,
  object: OrderingObject,
  node: string,
): StepOrder | undefined {
  const step = object.status?.step;
  if (step?.node !== node || !isUnfinished(object.status) || isVoid(object, step)) return undefined;
  return type.kind === 'Checkpoint'
    ? { kind: 'Checkpoint', object: object as Checkpoint, step }
    : { kind: 'Restore', object: object as Restore, step };
}

/** The order that a job speaks of, when the API server says the same. */
export function confirmOrder(wake: Wake, object: OrderingObject, node: string): StepOrder | undefined {
  if (object.metadata.uid !== wake.uid || object.status?.step?.token !== wake.token) return undefined;
  return orderOf(wake.type, object, node);
}

/**
 * What is begun for an object that is being deleted would be for nothing; what lets go of a workload is what the deletion waits for. An image
 * is thrown away with its object, and never otherwise.
 */
export function isVoid(object: OrderingObject, step: Step): boolean {
  const deleting = object.metadata.deletionTimestamp !== undefined;
  if (step.name === 'discard') return !deleting;
  return deleting && step.name !== 'abort' && step.name !== 'release';
}
