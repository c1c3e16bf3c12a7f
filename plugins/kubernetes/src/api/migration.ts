// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { checkpointSpecSchema } from './checkpoint.js';
import { conditionsSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { restoreSpecSchema } from './restore.js';
import { selectorSchema } from './selector.js';
import { errorSchema, progressSchema, timingSchema } from './step.js';

/** ReturnedToSource: it failed and the pod runs on, where it was. Partial: of several pods some did not move. */
const MIGRATION_PHASES = [
  'Pending',
  'Checkpointing',
  'Stopping',
  'Restoring',
  'Succeeded',
  'ReturnedToSource',
  'Partial',
  'Failed',
] as const;

const shared = checkpointSpecSchema.shape;
const restoreShape = restoreSpecSchema.shape;

export const migrationSpecSchema = z.strictObject({
  podName: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Name of the pod to move, in the namespace of the object. Give podName or selector. Cannot be changed.'),
  selector: selectorSchema
    .optional()
    .describe(
      'Labels of the pods to move; each running pod that has them gets a Migration of its own, which belongs to this one. Give podName or selector. Cannot be changed.',
    ),
  nodeName: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Node to move to. Default: the scheduler chooses among the compatible ones. Cannot be changed.'),
  deadline: z.iso
    .datetime()
    .optional()
    .describe('When the pod must be off its node. A Migration that has not frozen the pod by then is given up.'),
  volumeClaim: shared.volumeClaim,
  storage: shared.storage,
  strategy: shared.strategy,
  timeouts: shared.timeouts,
  containers: shared.containers,
  fallback: restoreShape.fallback,
  retries: restoreShape.retries,
  parallelism: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('How many of the pods that selector chooses are moved at once.'),
});

const countsSchema = z
  .strictObject({
    total: z.int().min(0).describe('Pods that the selector chose.'),
    succeeded: z.int().min(0).describe('Pods that have moved.'),
    failed: z.int().min(0).describe('Pods that have not moved and will not.'),
    active: z.int().min(0).describe('Pods on their way.'),
  })
  .describe('With selector: how many pods are how far.');

export const migrationStatusSchema = z.strictObject({
  phase: z
    .enum(MIGRATION_PHASES)
    .optional()
    .describe(
      'Pending: something is waited for, which the conditions name. Checkpointing: the image is taken and stored. Stopping: the pod is evicted from its node. Restoring: the new pod is placed and restored. Succeeded: it goes on. ReturnedToSource: the move failed and the pod runs on where it was. Partial: some of several pods have not moved. Failed: the pod was stopped and has not gone on; the error says why, and its Checkpoint is kept.',
    ),
  podName: z.string().optional().describe('Name of the pod.'),
  podUID: z.string().optional().describe('UID of the pod that was there at the start.'),
  sourceNode: z.string().optional().describe('Node that the pod leaves.'),
  targetPod: z.string().optional().describe('Name of the pod that goes on.'),
  targetNode: z.string().optional().describe('Node that it goes on on.'),
  checkpointName: z.string().optional().describe('Name of the Checkpoint that the Migration made.'),
  restoreName: z.string().optional().describe('Name of the Restore.'),
  replacement: z
    .string()
    .optional()
    .describe('Name of the ControllerRevision that keeps the manifest of a pod without an owner, to make it anew.'),
  pods: countsSchema.optional(),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('How long each part took; their sum is the whole.'),
  error: errorSchema.optional(),
  startedAt: z.iso.datetime().optional().describe('When the Migration began.'),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: conditionsSchema.optional().describe('What was reached, and what is waited for.'),
});

export type MigrationSpec = z.input<typeof migrationSpecSchema>;
export type MigrationStatus = z.infer<typeof migrationStatusSchema>;
export type MigrationPhase = (typeof MIGRATION_PHASES)[number];

/** Moves pods to other nodes. */
export interface Migration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: MigrationSpec;
  readonly status?: MigrationStatus;
}
