// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionsSchema } from './condition.js';
import { durationSchema } from './duration.js';
import type { ObjectMeta } from './metadata.js';
import { checkedBy, keyedBy } from './schema-marks.js';

const secretKeySchema = z.strictObject({
  secret: z
    .strictObject({
      name: z.string().min(1).max(253).describe('Name of the Secret.'),
      key: z.string().min(1).max(253).describe('Key in it.'),
    })
    .describe('A key of a Secret that the agents have mounted: `agent.storeSecrets` of the chart.'),
});

const encryptionSchema = z
  .strictObject({
    current: z.string().min(1).max(128).describe('Name of the key that new images are encrypted with.'),
    keys: z
      .array(
        z.strictObject({
          id: z
            .string()
            .min(1)
            .max(128)
            .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/)
            .describe('Name of the key; it stands in each image that is encrypted with it.'),
          keyFrom: secretKeySchema.describe('Where it is: 32 bytes as 64 hex digits or in base64.'),
        }),
      )
      .min(1)
      .max(64)
      .meta(keyedBy('id'))
      .describe(
        'All keys with which images of the store are encrypted; an older one is needed as long as an image has it.',
      ),
  })
  .describe('Images are encrypted on the nodes, before they are sent. Default: they are not.');

const collectSchema = z
  .strictObject({
    every: durationSchema.optional().describe('How often. 0s: never. Default: 6h.'),
    grace: durationSchema
      .optional()
      .describe(
        'For how long nothing may have been written to what is removed; longer than any node that writes a checkpoint may stand still. At least 1h. Default: 24h.',
      ),
  })
  .meta(
    checkedBy({
      rule: "!has(self.grace) || duration(self.grace) >= duration('1h')",
      message: 'is too short, nodes that are slow would lose what they are writing: give 1h or more',
      fieldPath: '.grace',
    }),
  )
  .describe(
    'One of the nodes looks through the store and removes what no image needs any more: parts that images shared of which all were deleted, and what checkpoints have left that were broken off.',
  );

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
      'Configuration of the plugin, whose documentation lists the keys. Secrets are references, never values: a key that ends in From with { secret: { name, key } }.',
    ),
  encryption: encryptionSchema.optional(),
  deletionPolicy: z
    .enum(['Delete', 'Retain'])
    .default('Delete')
    .describe(
      'What becomes of the image of a Checkpoint that is deleted, by hand or after its ttl; as for volumes. Delete: the image is deleted from the store, then the Checkpoint goes; parts that other images share stay. Retain: the image stays in the store, and nobody of GRIT ever deletes it. A Checkpoint with the annotation grit.dev/retain-image=true is treated like Retain. Images in a volumeClaim always stay.',
    ),
  collect: collectSchema.optional(),
  namespaces: z
    .array(z.string().max(63))
    .max(256)
    .optional()
    .describe('Namespaces whose Checkpoints may use the store. Default: all.'),
});

const collectedSchema = z.strictObject({
  at: z.iso.datetime().describe('When it was done.'),
  removedBytes: z.int().min(0).describe('Bytes that were removed.'),
  waitingBytes: z
    .int()
    .min(0)
    .describe('Bytes that no image needs and that are removed later, when they are old enough.'),
  usedBytes: z.int().min(0).describe('Bytes that images need; what they share counts once.'),
});

const nodeEntrySchema = z.strictObject({
  name: z.string().max(253).describe('Name of the node.'),
  generation: z.int().min(0).describe('Value of metadata.generation of the store when the node tried it.'),
  ready: z.boolean().describe('Whether the agent of the node can write to the store and read from it.'),
  message: z.string().max(1024).optional().describe('Why it cannot, and what to do.'),
  collected: collectedSchema.optional().describe('When this node last removed what no image needs, and what it found.'),
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
  collector: z
    .string()
    .max(253)
    .optional()
    .describe('Name of the node that removes what no image needs any more: see spec.collect.'),
  lastCollected: collectedSchema
    .extend({ node: z.string().max(253).describe('Name of the node that did it.') })
    .optional()
    .describe('When a node last removed what no image needs, and what it found.'),
  conditions: conditionsSchema.optional().describe('Ready: nodes can use the store.'),
});

/** A key of a Secret that agents have mounted. */
export type SecretKey = z.input<typeof secretKeySchema>;
export type CheckpointStoreSpec = z.input<typeof storeSpecSchema>;
/** What a collection found and did. */
export type StoreCollected = z.infer<typeof collectedSchema>;
export type CheckpointStoreStatus = z.infer<typeof storeStatusSchema>;

/** A home of checkpoints, for all nodes. */
export interface CheckpointStore {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: CheckpointStoreSpec;
  readonly status?: CheckpointStoreStatus;
}
