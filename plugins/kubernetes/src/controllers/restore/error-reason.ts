// SPDX-License-Identifier: Apache-2.0

/** The reason of a condition for a code of the catalogue: `GRIT_IMAGE_PART_CORRUPT` → `ImagePartCorrupt`. */
export function conditionReason(code: string): string {
  const words = code.replace(/^GRIT_/, '').split('_');
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('') || 'Failed';
}
