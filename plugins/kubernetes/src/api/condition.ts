// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { keyedBy } from './schema-marks.js';

/** The standard condition of Kubernetes (metav1.Condition). */
const conditionSchema = z.strictObject({
  type: z.string().max(316).describe('What the condition is about, in PascalCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe('Value of metadata.generation of the object when the condition was found out.'),
  lastTransitionTime: z.iso.datetime().describe('When status last changed.'),
  reason: z.string().min(1).max(1024).describe('Why, as one word in PascalCase, for programs.'),
  message: z.string().max(32768).describe('Why, for people, with what to do when something is wrong.'),
});

/** Conditions, one of each type. */
export const conditionsSchema = z.array(conditionSchema).max(32).meta(keyedBy('type'));

export type Condition = z.infer<typeof conditionSchema>;
