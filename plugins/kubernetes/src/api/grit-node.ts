// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { conditionsSchema } from './condition.js';
import type { ObjectMeta } from './metadata.js';
import { nodeFactsSchema } from './source.js';

export const gritNodeSpecSchema = z.strictObject({});

export const gritNodeStatusSchema = z.strictObject({
  phase: z
    .enum(['Ready', 'NotReady', 'Gone'])
    .optional()
    .describe(
      'Ready: the agent answers and can work. NotReady: it is silent or has problems. Gone: the node was deleted.',
    ),
  agentVersion: z.string().optional().describe('Version of the agent.'),
  incarnation: z.string().optional().describe('Changes with each start of the agent.'),
  plugins: z.array(z.string()).max(64).optional().describe('Ids of the plugins that the agent has loaded.'),
  facts: nodeFactsSchema.optional().describe('What the node is made of, as far as checkpoints depend on it.'),
  problems: z
    .array(
      z.strictObject({
        message: z.string().describe('What is wrong.'),
        hint: z.string().describe('What to do.'),
      }),
    )
    .max(32)
    .optional()
    .describe('What keeps the agent from working.'),
  publishedAt: z.iso.datetime().optional().describe('When the agent wrote this.'),
  conditions: conditionsSchema.optional().describe('Ready: the agent renews its Lease and has no problem.'),
});

export type GritNodeStatus = z.infer<typeof gritNodeStatusSchema>;

/** What the agent of a node says about it. Made by the agent, owned by the Node. */
export interface GritNode {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Record<string, never>;
  readonly status?: GritNodeStatus;
}
