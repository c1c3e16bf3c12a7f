// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionsSchema } from './condition.js';
import { durationSchema } from './duration.js';
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

const namesSchema = z.array(z.string().max(63)).max(64);

const volumeClaimSchema = z
  .strictObject({
    claimName: z
      .string()
      .min(1)
      .max(253)
      .describe(
        'Name of the claim, in the namespace of the object. It must be bound, and ReadWriteMany where the pod is to go on on another node.',
      ),
    readOnly: z.boolean().optional().describe('Without effect, accepted for compatibility: the claim is written to.'),
  })
  .describe(
    'PersistentVolumeClaim that takes the image. Give volumeClaim or storage; without both the default CheckpointStore is used.',
  );

const timeoutsSchema = z
  .strictObject({
    pending: durationSchema
      .optional()
      .describe('Longest wait for the pod, its node and the store or claim. Default: 10m.'),
    checkpoint: durationSchema
      .optional()
      .describe('Longest time for taking the image and storing it, together. Default: 1h.'),
    stop: durationSchema.optional().describe('Longest time for the eviction of the pod. Default: 10m.'),
  })
  .describe('Longest time of each part. When one has passed, the Checkpoint is given up and the pod runs on.');

const containersSchema = z
  .strictObject({
    include: namesSchema.optional().describe('Only these containers are in the image. Not together with exclude.'),
    exclude: namesSchema
      .optional()
      .describe('These containers are left out of the image and start from the beginning. Not together with include.'),
    restart: namesSchema
      .optional()
      .describe('Sidecars that are not restored but started anew, beside the containers that are.'),
  })
  .describe('Which containers of the pod are in the image, by name. Default: all.');

const autoRestoreSchema = z
  .strictObject({
    nodeName: z
      .string()
      .max(253)
      .optional()
      .describe('Node that the pod is to go on on. Default: the scheduler chooses among the compatible ones.'),
    fallback: z
      .enum(['none', 'fresh'])
      .optional()
      .describe(
        'What becomes of a pod that cannot be restored. none: it does not start. fresh: it starts from the beginning, and the phase says ColdStarted. Default: none.',
      ),
    retries: z.int().min(0).max(100).optional().describe('How often a restore that failed is tried again. Default: 3.'),
  })
  .describe('How the Restore is to be that autoMigration makes. Only together with autoMigration.');

export const checkpointSpecSchema = z.strictObject({
  podName: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Name of the pod, in the namespace of the object. Give podName or selector. Cannot be changed.'),
  selector: selectorSchema
    .optional()
    .describe(
      'Labels of the pod; exactly one running pod must have them. Give podName or selector. Cannot be changed.',
    ),
  volumeClaim: volumeClaimSchema.optional(),
  storage: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(
      'Name of the CheckpointStore that takes the image. Give volumeClaim or storage; without both the default CheckpointStore is used.',
    ),
  autoMigration: z
    .boolean()
    .default(false)
    .describe(
      'Moves the pod. It stays frozen when its image is taken; once that is stored, a Restore is made and the pod is evicted. The pod that its owner (Job, Deployment, StatefulSet) makes anew goes on where it was.',
    ),
  afterCheckpoint: z
    .enum(['resume', 'stop'])
    .optional()
    .describe(
      'What becomes of the pod. resume: it runs on as soon as its image is complete on the node. stop: it stays frozen until the image is stored, and is then evicted. Default: resume; with autoMigration it is always stop.',
    ),
  strategy: z
    .enum(['stop-and-copy', 'precopy'])
    .default('stop-and-copy')
    .describe(
      'How the image is taken. stop-and-copy: of the frozen pod, all at once. precopy: a first one while the pod runs, so that only what has changed is left for the time in which it is frozen.',
    ),
  ttl: durationSchema
    .optional()
    .describe('How long the object is kept after it has ended, for example 72h. Default: until somebody deletes it.'),
  timeouts: timeoutsSchema.optional(),
  containers: containersSchema.optional(),
  restore: autoRestoreSchema.optional(),
});

export const checkpointStatusSchema = z.strictObject({
  phase: z
    .enum(CHECKPOINT_PHASES)
    .optional()
    .describe(
      'Created: the pod is known. Pending: something is waited for, which the conditions name. Checkpointing: the node takes the image. Checkpointed: it is stored and verified. Submitting: the pod is being evicted for a Restore. Submitted: the pod is gone, the Restore has the rest. Failed: the conditions and error say why.',
    ),
  nodeName: z.string().optional().describe('Node that the pod runs or ran on.'),
  podName: z.string().optional().describe('Name of the pod, also when a selector chose it.'),
  podUID: z
    .string()
    .optional()
    .describe('UID of the pod. Another pod of the same name is not checkpointed in its place.'),
  podSpecHash: z
    .string()
    .optional()
    .describe('Hash of the spec of the pod, without what differs between pods of one owner.'),
  dataPath: z.string().optional().describe('Where the image is in its store.'),
  storage: z
    .string()
    .optional()
    .describe('Where the image is stored: CheckpointStore/NAME or PersistentVolumeClaim/NAME.'),
  operation: z.string().optional().describe('Id of the operation, as it stands in logs.'),
  step: stepSchema.optional(),
  report: reportSchema.optional(),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('How long each part took; their sum is the whole.'),
  image: imageSchema.optional(),
  source: sourceSchema.optional(),
  restoreName: z.string().optional().describe('Name of the Restore that autoMigration made.'),
  failures: z.int().min(0).optional().describe('Number of tries that have failed.'),
  error: errorSchema.optional(),
  startedAt: z.iso.datetime().optional().describe('When the pod was first frozen.'),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: conditionsSchema.optional().describe('One for each phase that was reached, and for what is waited for.'),
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
