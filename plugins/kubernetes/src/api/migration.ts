// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { checkpointSpecSchema } from './checkpoint.js';
import { conditionSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { selectorSchema } from './selector.js';
import { errorSchema, progressSchema, timingSchema } from './step.js';

/** ReturnedToSource: it failed and the pod runs on, where it was. Partial: of several pods some did not move. */
export const MIGRATION_PHASES = [
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

export const migrationSpecSchema = z.strictObject({
  podName: z.string().max(253).optional().describe('Pod to move. One of podName and selector is needed.'),
  selector: selectorSchema.optional().describe('Pods to move; each gets a Migration of its own, owned by this one.'),
  nodeName: z
    .string()
    .max(253)
    .optional()
    .describe('Node to move to; without it the scheduler chooses among the compatible ones.'),
  deadline: z.iso
    .datetime()
    .optional()
    .describe('When the pod must have left its node; a migration that has not frozen it by then is given up.'),
  volumeClaim: shared.volumeClaim,
  storage: shared.storage,
  strategy: shared.strategy,
  timeouts: shared.timeouts,
  containers: shared.containers,
  fallback: z.enum(['none', 'fresh']).default('none').describe('See Restore.'),
  retries: z.int().min(0).max(100).default(3).describe('See Restore.'),
  parallelism: z.int().min(1).max(1000).default(10).describe('selector: how many pods are moved at once.'),
});

export const migrationStatusSchema = z.strictObject({
  phase: z.enum(MIGRATION_PHASES).optional().describe('Where it is.'),
  podName: z.string().optional().describe('The pod.'),
  podUID: z.string().optional().describe('UID of the pod that was there at the start.'),
  sourceNode: z.string().optional().describe('Node that it leaves.'),
  targetPod: z.string().optional().describe('Pod that went on.'),
  targetNode: z.string().optional().describe('Node that it went on on.'),
  checkpointName: z.string().optional().describe('Its Checkpoint.'),
  restoreName: z.string().optional().describe('Its Restore.'),
  replacement: z.string().optional().describe('ControllerRevision that keeps the manifest of a bare pod.'),
  pods: z
    .strictObject({
      total: z.int().min(0).describe('Pods chosen by the selector.'),
      succeeded: z.int().min(0).describe('Moved.'),
      failed: z.int().min(0).describe('Not moved.'),
      active: z.int().min(0).describe('On their way.'),
    })
    .optional()
    .describe('selector: counts of its children.'),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('Durations.'),
  error: errorSchema.optional(),
  startedAt: z.iso.datetime().optional().describe('When it began.'),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: z.array(conditionSchema).max(32).optional().describe('What was reached and what is waited for.'),
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
