// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { atMost, checkedBy } from './schema-marks.js';

const requirementSchema = z
  .strictObject({
    key: z.string().max(317).describe('Key of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('How the label relates to the values. Exists and DoesNotExist take no values.'),
    values: z.array(z.string().max(63)).max(64).optional().describe('Values for In and NotIn.'),
  })
  .meta(
    checkedBy({
      rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      message: 'In and NotIn need values; Exists and DoesNotExist take none',
      fieldPath: '.values',
    }),
  );

/** metav1.LabelSelector, which must say something: one that chooses everything is never meant. */
export const selectorSchema = z
  .strictObject({
    matchLabels: z
      .record(z.string(), z.string().max(63))
      .meta(atMost(64))
      .optional()
      .describe('Labels that the pod must have, with these values.'),
    matchExpressions: z
      .array(requirementSchema)
      .max(32)
      .optional()
      .describe('Requirements on labels; all of them must hold.'),
  })
  .meta(
    checkedBy({
      rule: '(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)',
      message: 'chooses every pod, since it is empty: give matchLabels or matchExpressions',
    }),
  )
  .describe('Chooses pods by their labels.');

export type LabelSelector = z.infer<typeof selectorSchema>;
