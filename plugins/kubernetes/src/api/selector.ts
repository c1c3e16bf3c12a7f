// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** metav1.LabelSelector. */
export const selectorSchema = z
  .strictObject({
    matchLabels: z.record(z.string(), z.string()).optional().describe('Labels that must be equal.'),
    matchExpressions: z
      .array(
        z.strictObject({
          key: z.string().describe('Label key.'),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('Relation to the values.'),
          values: z.array(z.string()).optional().describe('Values for In and NotIn.'),
        }),
      )
      .optional()
      .describe('Requirements that must all hold.'),
  })
  .describe('Chooses pods by their labels.');

export type LabelSelector = z.infer<typeof selectorSchema>;
