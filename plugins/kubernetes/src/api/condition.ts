// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** The standard condition of Kubernetes (metav1.Condition). */
export const conditionSchema = z.strictObject({
  type: z.string().max(316).describe('Type of the condition, PascalCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of the object that was looked at.'),
  lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
  reason: z.string().min(1).max(1024).describe('Why, one PascalCase word.'),
  message: z.string().max(32768).describe('Why, for people; says what to do when something is wrong.'),
});

export type Condition = z.infer<typeof conditionSchema>;
