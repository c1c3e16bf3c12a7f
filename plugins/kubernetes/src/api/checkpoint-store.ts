// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';

export const storeSpecSchema = z.strictObject({
  plugin: z
    .string()
    .min(1)
    .max(63)
    .describe('Id of the storage plugin: storage-pvc, storage-blob, or one of your own.'),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The plugin's configuration. Secrets are references, never values."),
  namespaces: selectorOfNamespaces(),
});

export const storeStatusSchema = z.strictObject({
  phase: z.enum(['Pending', 'Ready', 'NotReady']).optional().describe('Whether nodes can use it.'),
  nodesReady: z.int().min(0).optional().describe('Nodes that can use it.'),
  nodes: z
    .array(
      z.strictObject({
        name: z.string().describe('Node.'),
        generation: z.int().min(0).describe('Generation of the spec that was tried.'),
        ready: z.boolean().describe('Whether its agent can read and write.'),
        message: z.string().max(1024).optional().describe('Why not.'),
      }),
    )
    .max(5000)
    .optional()
    .describe('What the agents of the nodes found out.'),
  conditions: z.array(conditionSchema).max(8).optional().describe('Ready.'),
});

function selectorOfNamespaces() {
  return z.array(z.string().max(63)).max(256).optional().describe('Namespaces that may use it. Default: all.');
}

export type CheckpointStoreSpec = z.input<typeof storeSpecSchema>;
export type CheckpointStoreStatus = z.infer<typeof storeStatusSchema>;

/** A home of checkpoints, for all nodes. */
export interface CheckpointStore {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: CheckpointStoreSpec;
  readonly status?: CheckpointStoreStatus;
}
