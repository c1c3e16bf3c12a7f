// SPDX-License-Identifier: Apache-2.0
import { GritError } from '../errors/grit-error.js';

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Returns the name of a part, or throws GRIT_IMAGE_MANIFEST_INVALID.
 * Safe as a relative path: no empty, dot or hidden segment, at most 8 segments of 128 characters.
 */
export function checkPartName(name: unknown): string {
  if (typeof name === 'string') {
    const segments = name.split('/');
    if (segments.length <= 8 && segments.every((segment) => SEGMENT.test(segment))) return name;
  }
  throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `${JSON.stringify(name)} is not the name of a part`);
}
