// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { selectorSchema } from './selector.js';
import { errorSchema, progressSchema, reportSchema, stepSchema, timingSchema } from './step.js';

/** The prototype's phases, and ColdStarted: the truth about a pod that started fresh because `fallback` allowed it. */
export const RESTORE_PHASES = ['Created', 'Pending', 'Restoring', 'Restored', 'ColdStarted', 'Failed'] as const;

export const restoreSpecSchema = z.strictObject({
  checkpointName: z
    .string()
    .min(1)
    .max(253)
    .describe('Checkpoint to go on from, in the same namespace unless checkpointNamespace is set.'),
  checkpointNamespace: z
    .string()
    .max(63)
    .optional()
    .describe('Another namespace; its Checkpoint must allow it by the annotation grit.dev/allow-namespaces.'),
  ownerRef: z
    .strictObject({
      apiVersion: z.string().describe('API version of the owner.'),
      kind: z.string().describe('Kind.'),
      name: z.string().describe('Name.'),
      uid: z.string().optional().describe('UID.'),
      controller: z.boolean().optional().describe('Accepted for compatibility.'),
      blockOwnerDeletion: z.boolean().optional().describe('Accepted for compatibility.'),
    })
    .optional()
    .describe('The next pod of this owner with the same pod spec takes the Restore.'),
  selector: selectorSchema.optional(),
  podName: z.string().max(253).optional().describe('The next pod of this name takes the Restore (bare pods).'),
  nodeName: z.string().max(253).optional().describe('Node that the pod is to go on on.'),
  fallback: z
    .enum(['none', 'fresh'])
    .default('none')
    .describe('fresh: a pod whose data cannot be restored starts fresh, and the phase says ColdStarted.'),
  retries: z.int().min(0).max(100).default(3).describe('How often a failed restore is tried again.'),
});

export const restoreStatusSchema = z.strictObject({
  phase: z.enum(RESTORE_PHASES).optional().describe('Where it is.'),
  nodeName: z.string().optional().describe('Node of the pod.'),
  targetPod: z.string().optional().describe('Pod that has taken it.'),
  targetPodUID: z.string().optional().describe('UID of that pod.'),
  reservation: z
    .strictObject({
      token: z.string().describe('Token that the admission gave to the pod.'),
      at: z.iso.datetime().describe('When.'),
    })
    .optional()
    .describe('A pod that is being created has taken it; its UID follows.'),
  excludedNodes: z
    .array(
      z.strictObject({ node: z.string().describe('Node.'), reasons: z.array(z.string()).max(16).describe('Why.') }),
    )
    .max(200)
    .optional()
    .describe('Nodes that it cannot go on on, and why.'),
  operation: z.string().optional().describe('Id of the operation, for logs and queue.'),
  step: stepSchema.optional(),
  report: reportSchema.optional(),
  progress: progressSchema.optional(),
  timings: z.array(timingSchema).max(64).optional().describe('Durations.'),
  failures: z.int().min(0).optional().describe('Tries that failed so far.'),
  error: errorSchema.optional(),
  finishedAt: z.iso.datetime().optional().describe('When the last phase was reached.'),
  conditions: z
    .array(conditionSchema)
    .max(32)
    .optional()
    .describe('One for each phase reached, and what is waited for.'),
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
