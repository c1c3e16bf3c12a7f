// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionsSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { selectorSchema } from './selector.js';
import { errorSchema, progressSchema, reportSchema, stepSchema, timingSchema } from './step.js';

/** The prototype's phases, and ColdStarted: the truth about a pod that started fresh because `fallback` allowed it. */
const RESTORE_PHASES = ['Created', 'Pending', 'Restoring', 'Restored', 'ColdStarted', 'Failed'] as const;

const ownerSchema = z
  .strictObject({
    apiVersion: z.string().max(317).describe('API version of the owner, for example batch/v1.'),
    kind: z.string().max(63).describe('Kind of the owner, for example Job.'),
    name: z.string().max(253).describe('Name of the owner.'),
    uid: z
      .string()
      .max(63)
      .optional()
      .describe('UID of the owner. Without it, a new owner of the same name counts too.'),
    controller: z.boolean().optional().describe('Without effect, accepted for compatibility.'),
    blockOwnerDeletion: z.boolean().optional().describe('Without effect, accepted for compatibility.'),
  })
  .describe(
    'Owner of the pod: the next pod that it makes, with the same pod spec as the checkpointed one, takes the Restore.',
  );

export const restoreSpecSchema = z.strictObject({
  checkpointName: z
    .string()
    .min(1)
    .max(253)
    .describe(
      'Name of the Checkpoint to go on from, in the namespace of the object unless checkpointNamespace says otherwise. Cannot be changed.',
    ),
  checkpointNamespace: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe(
      'Namespace of the Checkpoint, where it is another one. The Checkpoint must allow this one in its annotation grit.dev/allow-namespaces. Cannot be changed.',
    ),
  ownerRef: ownerSchema.optional(),
  selector: selectorSchema
    .optional()
    .describe('Labels: the next new pod that has them takes the Restore. With ownerRef or podName, both must fit.'),
  podName: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Name: the next new pod of this name takes the Restore. For pods without an owner.'),
  nodeName: z
    .string()
    .max(253)
    .optional()
    .describe('Node that the pod is to go on on. Default: the scheduler chooses among the compatible ones.'),
  fallback: z
    .enum(['none', 'fresh'])
    .default('none')
    .describe(
      'What becomes of a pod that cannot be restored. none: it does not start. fresh: it starts from the beginning, and the phase says ColdStarted.',
    ),
  retries: z.int().min(0).max(100).default(3).describe('How often a restore that failed is tried again.'),
});

const reservationSchema = z
  .strictObject({
    token: z.string().describe('Token that admission gave to the pod in its annotation grit.dev/reservation.'),
    at: z.iso.datetime().describe('When the pod was admitted.'),
  })
  .describe('Set while a pod that takes the Restore is being created; then targetPod follows.');

const excludedNodeSchema = z.strictObject({
  node: z.string().describe('Name of the node.'),
  reasons: z.array(z.string()).max(16).describe('Why the pod cannot go on there.'),
});

export const restoreStatusSchema = z.strictObject({
  phase: z
    .enum(RESTORE_PHASES)
    .optional()
    .describe(
      'Created: it waits for a pod that takes it. Pending: a pod has taken it and waits for a node. Restoring: the node of the pod has the image fetched and restored. Restored: the pod goes on where it was. ColdStarted: the pod started from the beginning, as fallback allows. Failed: the conditions and error say why.',
    ),
  nodeName: z.string().optional().describe('Node of the pod that has taken the Restore.'),
  targetPod: z.string().optional().describe('Name of the pod that has taken the Restore.'),
  targetPodUID: z.string().optional().describe('UID of that pod.'),
  reservation: reservationSchema.optional(),
  excludedNodes: z
    .array(excludedNodeSchema)
    .max(200)
    .optional()
    .describe('Nodes that the pod cannot go on on, with the reasons.'),
  operation: z.string().optional().describe('Id of the operation, as it stands in logs.'),
  step: stepSchema.optional(),
  report: reportSchema.optional(),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('How long each part took; their sum is the whole.'),
  failures: z.int().min(0).optional().describe('Number of tries that have failed.'),
  error: errorSchema.optional(),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: conditionsSchema.optional().describe('One for each phase that was reached, and for what is waited for.'),
});

export type RestoreSpec = z.input<typeof restoreSpecSchema>;
export type RestoreStatus = z.infer<typeof restoreStatusSchema>;
export type RestorePhase = (typeof RESTORE_PHASES)[number];

/** Lets a new pod go on from a checkpoint. */
export interface Restore {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: RestoreSpec;
  readonly status?: RestoreStatus;
}
