// SPDX-License-Identifier: Apache-2.0
import { GritError, type SchemaIssue, type StandardSchema } from '@grit/plugin-api';
import type { z } from 'zod';
import { kubernetesConfigSchema, type KubernetesConfig } from './config-schema.js';

export type { KubernetesConfig } from './config-schema.js';

/** The schema as the plugin host wants it: an unknown key is complained about at the key, with those that are known. */
export const CONFIG: StandardSchema<KubernetesConfig> = {
  '~standard': {
    version: 1,
    vendor: 'grit',
    validate: (value) => {
      const result = kubernetesConfigSchema.safeParse(value ?? {});
      return result.success ? { value: result.data } : { issues: result.error.issues.flatMap(issuesOf) };
    },
  },
};

/** The configuration that these values give, with defaults for the rest. Throws GRIT_CONFIG_INVALID that names each bad value. */
export function kubernetesConfig(value: z.input<typeof kubernetesConfigSchema> = {}): KubernetesConfig {
  const result = kubernetesConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .flatMap(issuesOf)
    .map(({ path = [], message }) => `${path.map(String).join('.')}: ${message}`);
  throw new GritError('GRIT_CONFIG_INVALID', problems.join('; '));
}

function issuesOf(issue: z.core.$ZodIssue): readonly SchemaIssue[] {
  // What is wrong with a name is said by its own schema.
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ message, path: issue.path }));
  if (issue.code !== 'unrecognized_keys') return [{ message: issue.message, path: issue.path }];
  return issue.keys.map((key) => ({ message: issue.message, path: [...issue.path, key] }));
}
