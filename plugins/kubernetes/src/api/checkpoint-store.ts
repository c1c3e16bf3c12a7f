// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionsSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { keyedBy } from './schema-marks.js';

export const storeSpecSchema = z.strictObject({
  plugin: z
    .string()
    .min(1)
    .max(63)
    .describe(
      'Id of the storage plugin that keeps the images: storage-pvc, storage-blob, or one of your own that the agents have loaded.',
    ),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Configuration of the plugin, whose documentation lists the keys. Secrets are references (a key that ends in From), never values.',
    ),
  namespaces: z
    .array(z.string().max(63))
    .max(256)
    .optional()
    .describe('Namespaces whose Checkpoints may use the store. Default: all.'),
});

const nodeEntrySchema = z.strictObject({
  name: z.string().max(253).describe('Name of the node.'),
  generation: z.int().min(0).describe('Value of metadata.generation of the store when the node tried it.'),
  ready: z.boolean().describe('Whether the agent of the node can write to the store and read from it.'),
  message: z.string().max(1024).optional().describe('Why it cannot, and what to do.'),
});

export const storeStatusSchema = z.strictObject({
  phase: z
    .enum(['Pending', 'Ready', 'NotReady'])
    .optional()
    .describe(
      'Pending: no node has tried the store yet. Ready: nodes can use it. NotReady: none can, and conditions say why.',
    ),
  nodesReady: z.int().min(0).optional().describe('Number of nodes that can use the store.'),
  nodes: z
    .array(nodeEntrySchema)
    .max(5000)
    .meta(keyedBy('name'))
    .optional()
    .describe('What the agent of each node found when it tried the store.'),
  conditions: conditionsSchema.optional().describe('Ready: nodes can use the store.'),
});

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
