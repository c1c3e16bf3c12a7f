// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/**
 * How a controller and a node's agent speak: through the status of the object, which is the truth. The controller orders a step;
 * the agent does only what the newest order says, and reports under its token. A job on the node's queue only wakes it.
 */
export const stepSchema = z
  .strictObject({
    name: z
      .enum(['checkpoint', 'release', 'abort', 'discard', 'prefetch', 'restore', 'start-fresh'])
      .describe('What the agent is to do.'),
    node: z.string().describe('Name of the node whose agent is to do it.'),
    token: z.string().describe('Changes with each order. A report under an older token no longer counts.'),
    attempt: z.int().min(1).describe('Number of the try, from 1.'),
    orderedAt: z.iso.datetime().describe('When the step was ordered.'),
    mode: z.enum(['resume', 'stop']).optional().describe('For release: what becomes of the frozen containers.'),
    hold: z
      .boolean()
      .optional()
      .describe(
        'For checkpoint: whether the containers stay frozen until release. Otherwise they run on as soon as the image is complete on the node.',
      ),
    claimPodUid: z.string().optional().describe('UID of the pod through which the claim is reached on the node.'),
  })
  .describe('What the controller has ordered the agent of a node to do. Written by the controller only.');

/** Progress in bytes. */
export const progressSchema = z
  .strictObject({
    phase: z.string().describe('What is being done: dump, store, verify, fetch or restore.'),
    doneBytes: z.int().min(0).describe('Bytes that are done.'),
    totalBytes: z.int().min(0).optional().describe('Bytes in all, once known.'),
    bytesPerSecond: z.int().min(0).optional().describe('Bytes a second, over the last seconds.'),
  })
  .describe('How far the step is that runs now.');

/** A duration of one phase. */
export const timingSchema = z.strictObject({
  phase: z.string().describe('Name of the part.'),
  ms: z.number().min(0).describe('Length in milliseconds.'),
});

/** A GritError as it stands in a status. */
export const errorSchema = z
  .strictObject({
    code: z.string().describe('Code, which docs/reference/errors.md explains.'),
    message: z.string().max(4096).describe('What happened.'),
    hint: z.string().max(2048).describe('What to do.'),
    retryable: z.boolean().describe('Whether another try may help.'),
  })
  .describe('Why it failed, and what to do.');

/** Facts of a stored image. */
export const imageSchema = z
  .strictObject({
    id: z.string().describe('Id of the image in its store.'),
    size: z.int().min(0).describe('Size of the image in bytes.'),
    stored: z
      .int()
      .min(0)
      .optional()
      .describe('Bytes that the image added to its store, which is less where parts of it were there already.'),
    digest: z.string().describe('Digest of the manifest of the image, which covers all of its data.'),
  })
  .describe('The image in its store.');

/** What an agent says of the step that it was ordered. */
export const reportSchema = z
  .strictObject({
    token: z.string().describe('Token of the order that is answered.'),
    phase: z.enum(['Running', 'Succeeded', 'Failed']).describe('Whether the step runs, or how it ended.'),
    startedAt: z.iso.datetime().describe('When the agent began the step.'),
    finishedAt: z.iso.datetime().optional().describe('When the step ended.'),
    progress: progressSchema.optional(),
    timings: z.array(timingSchema).max(64).optional().describe('How long each part took; their sum is the whole.'),
    image: imageSchema.optional(),
    held: z.boolean().optional().describe('Whether the containers are frozen now.'),
    outcome: z
      .enum(['Restored', 'ColdStarted'])
      .optional()
      .describe('For restore and start-fresh: what became of the pod.'),
    error: errorSchema.optional(),
  })
  .describe('What the agent answers to the order in step. Written by the agent of that node only.');

export type Step = z.infer<typeof stepSchema>;
export type StepName = Step['name'];
export type StepReport = z.infer<typeof reportSchema>;
export type StepProgress = z.infer<typeof progressSchema>;
export type StatusError = z.infer<typeof errorSchema>;
export type ImageFacts = z.infer<typeof imageSchema>;
