// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { selectorSchema } from './selector.js';
import { sourceSchema } from './source.js';
import { errorSchema, imageSchema, progressSchema, reportSchema, stepSchema, timingSchema } from './step.js';

/** The prototype's phases, in their order. */
export const CHECKPOINT_PHASES = [
  'Created',
  'Pending',
  'Checkpointing',
  'Checkpointed',
  'Submitting',
  'Submitted',
  'Failed',
] as const;

export const volumeClaimSchema = z
  .strictObject({
    claimName: z.string().min(1).max(253).describe('Name of a PersistentVolumeClaim in the namespace of the object.'),
    readOnly: z.boolean().optional().describe('Accepted for compatibility; the claim is written to.'),
  })
  .describe('A claim that takes the image; ReadWriteMany when the pod is to go on on another node.');

export const checkpointSpecSchema = z.strictObject({
  podName: z.string().max(253).optional().describe('Pod to checkpoint. One of podName and selector is needed.'),
  selector: selectorSchema.optional(),
  volumeClaim: volumeClaimSchema.optional(),
  storage: z
    .string()
    .max(253)
    .optional()
    .describe('Name of a CheckpointStore; without it and volumeClaim the default store.'),
  autoMigration: z
    .boolean()
    .default(false)
    .describe('Afterwards a Restore is made, the pod is evicted, and the pod that its owner makes anew goes on.'),
  afterCheckpoint: z
    .enum(['resume', 'stop'])
    .default('resume')
    .describe('Whether the pod goes on or is evicted once the image is durable. autoMigration implies stop.'),
  strategy: z
    .enum(['stop-and-copy', 'precopy'])
    .default('stop-and-copy')
    .describe('precopy stores a first image while the pod runs, so that the frozen one moves only what changed.'),
  ttl: z
    .string()
    .regex(/^([0-9]+(h|m|s))+$/)
    .optional()
    .describe('How long the object is kept after its end, for example 72h.'),
  timeouts: z
    .strictObject({
      pending: z
        .string()
        .regex(/^([0-9]+(h|m|s))+$/)
        .optional()
        .describe('Longest wait for pod, node and claim. Default 10m.'),
      checkpoint: z
        .string()
        .regex(/^([0-9]+(h|m|s))+$/)
        .optional()
        .describe('Longest dump and store. Default 1h.'),
      stop: z
        .string()
        .regex(/^([0-9]+(h|m|s))+$/)
        .optional()
        .describe('Longest wait for the eviction. Default 10m.'),
    })
    .optional()
    .describe('Longest times of each part; the pod goes on when one passes.'),
  containers: z
    .strictObject({
      include: z.array(z.string().max(63)).max(64).optional().describe('Only these containers are dumped.'),
      exclude: z.array(z.string().max(63)).max(64).optional().describe('These are left out and start fresh.'),
      restart: z
        .array(z.string().max(63))
        .max(64)
        .optional()
        .describe('Sidecars that are started anew beside the others.'),
    })
    .optional()
    .describe('Which containers of the pod are part of the checkpoint. Default: all.'),
  restore: z
    .strictObject({
      nodeName: z.string().max(253).optional().describe('Node that the pod is to go on on.'),
      fallback: z.enum(['none', 'fresh']).optional().describe('See Restore.'),
      retries: z.int().min(0).max(100).optional().describe('See Restore.'),
    })
    .optional()
    .describe('What the Restore that autoMigration makes is given.'),
});

export const checkpointStatusSchema = z.strictObject({
  phase: z.enum(CHECKPOINT_PHASES).optional().describe('Where it is.'),
  nodeName: z.string().optional().describe('Node of the pod.'),
  podName: z.string().optional().describe('The pod, when a selector chose it.'),
  podUID: z.string().optional().describe('UID of the pod.'),
  podSpecHash: z.string().optional().describe("Hash of the pod's spec, without what differs between twins."),
  dataPath: z.string().optional().describe('Where the data are in the store.'),
  storage: z
    .string()
    .optional()
    .describe('The store that was chosen: CheckpointStore/NAME or PersistentVolumeClaim/NAME.'),
  operation: z.string().optional().describe('Id of the operation, for logs and queue.'),
  step: stepSchema.optional(),
  report: reportSchema.optional(),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('Durations, they sum to the total.'),
  image: imageSchema.optional(),
  source: sourceSchema.optional(),
  restoreName: z.string().optional().describe('The Restore that autoMigration made.'),
  failures: z.int().min(0).optional().describe('Attempts that failed so far.'),
  error: errorSchema.optional(),
  startedAt: z.iso.datetime().optional().describe('When the pod was frozen first.'),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: z
    .array(conditionSchema)
    .max(32)
    .optional()
    .describe('One for each phase reached, and what is waited for.'),
});

export type CheckpointSpec = z.input<typeof checkpointSpecSchema>;
export type CheckpointStatus = z.infer<typeof checkpointStatusSchema>;
export type CheckpointPhase = (typeof CHECKPOINT_PHASES)[number];

/** A checkpoint of a pod. */
export interface Checkpoint {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: CheckpointSpec;
  readonly status?: CheckpointStatus;
}
