// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

const IMAGE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** True for what can be the id of a checkpoint: letters, digits, `-` and `_`; safe as one segment of a path or key. */
export function isImageId(id: unknown): id is string {
  return typeof id === 'string' && IMAGE_ID.test(id);
}

/** Returns the id, or throws GRIT_REQUEST_INVALID. Every id passes here before it becomes a path. */
export function checkImageId(id: unknown): string {
  if (isImageId(id)) return id;
  throw new GritError('GRIT_REQUEST_INVALID', `${JSON.stringify(id)} is not the id of a checkpoint`, {
    details: { field: 'checkpoint' },
  });
}
