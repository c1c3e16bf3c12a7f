// SPDX-License-Identifier: Apache-2.0
import { GritError } from '../errors/grit-error.js';

/** What names of workloads, nodes and plugins look like: an RFC 1123 label, safe in paths, ids and host names. */
export const NAME_PATTERN = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Returns the name, or throws GRIT_REQUEST_INVALID naming the field.
 * Every name that comes from outside passes here before it becomes a path or an argument.
 */
export function checkName(name: unknown, field: string): string {
  if (typeof name === 'string' && NAME_PATTERN.test(name)) return name;
  throw new GritError('GRIT_REQUEST_INVALID', `${field}: ${JSON.stringify(name)} is not a name`, {
    hint: 'Use 1 to 63 lower-case letters, digits and hyphens; first and last a letter or digit.',
    details: { field },
  });
}
