// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/**
 * How a controller and a node's agent speak: through the status of the object, which is the truth. The controller orders a step;
 * the agent does only what the newest order says, and reports under its token. A job on the node's queue only wakes it.
 */
export const stepSchema = z
  .strictObject({
    name: z
      .enum(['checkpoint', 'release', 'abort', 'restore', 'start-fresh'])
      .describe('What the agent of the node is told to do.'),
    node: z.string().describe('The node whose agent it is.'),
    token: z.string().describe('Changes with each order; reports under an older token count no more.'),
    attempt: z.int().min(1).describe('Grows with each order of the same step.'),
    orderedAt: z.iso.datetime().describe('When it was ordered.'),
    mode: z.enum(['resume', 'stop']).optional().describe('release: what becomes of the frozen workload.'),
    hold: z
      .boolean()
      .optional()
      .describe(
        'checkpoint: the workload stays frozen until it is released; else it goes on once the local copy is sealed.',
      ),
    claimPodUid: z.string().optional().describe('UID of the pod that mounts the claim on the node.'),
  })
  .describe('The newest order to a node.');

/** Progress in bytes. */
export const progressSchema = z
  .strictObject({
    phase: z.string().describe('What is being done: dump, store, verify, fetch, restore.'),
    doneBytes: z.int().min(0).describe('Bytes done.'),
    totalBytes: z.int().min(0).optional().describe('Bytes in all, once known.'),
    bytesPerSecond: z.int().min(0).optional().describe('Rate over the last seconds.'),
  })
  .describe('How far the running step is.');

/** A duration of one phase. */
export const timingSchema = z.strictObject({
  phase: z.string().describe('Phase.'),
  ms: z.number().min(0).describe('Milliseconds.'),
});

/** A GritError as it stands in a status. */
export const errorSchema = z
  .strictObject({
    code: z.string().describe('Code of the catalogue of errors.'),
    message: z.string().max(4096).describe('What happened.'),
    hint: z.string().max(2048).describe('What to do.'),
    retryable: z.boolean().describe('Whether another try may go well.'),
  })
  .describe('An error, with what to do.');

/** Facts of a stored image. */
export const imageSchema = z
  .strictObject({
    id: z.string().describe('Id of the image in its store.'),
    size: z.int().min(0).describe('Bytes of all parts.'),
    stored: z.int().min(0).optional().describe('Bytes that were added to the store.'),
    digest: z.string().describe('Digest of the manifest.'),
  })
  .describe('The stored image.');

/** What an agent says of the step that it was ordered. */
export const reportSchema = z
  .strictObject({
    token: z.string().describe('Token of the order that this answers.'),
    phase: z.enum(['Running', 'Succeeded', 'Failed']).describe('Where the step is.'),
    startedAt: z.iso.datetime().describe('When the agent began.'),
    finishedAt: z.iso.datetime().optional().describe('When it ended.'),
    progress: progressSchema.optional(),
    timings: z.array(timingSchema).max(64).optional().describe('Durations that sum to the total.'),
    image: imageSchema.optional(),
    held: z.boolean().optional().describe('Whether the workload is frozen now.'),
    outcome: z.enum(['Restored', 'ColdStarted']).optional().describe('restore, start-fresh: what the pod became.'),
    error: errorSchema.optional(),
  })
  .describe('The newest word of the agent.');

export type Step = z.infer<typeof stepSchema>;
export type StepName = Step['name'];
export type StepReport = z.infer<typeof reportSchema>;
export type StepProgress = z.infer<typeof progressSchema>;
export type StatusError = z.infer<typeof errorSchema>;
export type ImageFacts = z.infer<typeof imageSchema>;
