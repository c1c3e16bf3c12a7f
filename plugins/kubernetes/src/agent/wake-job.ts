// SPDX-License-Identifier: Apache-2.0
import { GritError, type Json } from '@grit/plugin-api';
import { z } from 'zod';
import { CHECKPOINTS, RESTORES, type ResourceType } from '../api/kinds.js';
import type { Checkpoint } from '../api/checkpoint.js';
import type { Restore } from '../api/restore.js';

/** Objects that order steps. */
export type OrderingObject = Checkpoint | Restore;

/** Where an order is said to stand. Only a hint: the API server is asked for it. */
export interface Wake {
  readonly type: ResourceType<OrderingObject>;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly token: string;
}

/** The kinds that order steps. */
export const ORDERING_TYPES: readonly ResourceType<OrderingObject>[] = [CHECKPOINTS, RESTORES];

const dnsName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

const wakeSchema = z.object({
  apiVersion: z.literal('grit.dev/v1'),
  kind: z.enum(['Checkpoint', 'Restore']),
  namespace: dnsName,
  name: dnsName,
  uid: z.string().min(1).max(128),
  token: z.string().min(1).max(128),
});

/** Reads a job of the node's queue, which anybody may have written. Throws GRIT_REQUEST_INVALID. */
export function parseWake(data: Json): Wake {
  const result = wakeSchema.safeParse(data);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new GritError(
      'GRIT_REQUEST_INVALID',
      `job of a node: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const { kind, namespace, name, uid, token } = result.data;
  return { type: kind === 'Checkpoint' ? CHECKPOINTS : RESTORES, namespace, name, uid, token };
}
