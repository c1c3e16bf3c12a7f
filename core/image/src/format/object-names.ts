// SPDX-License-Identifier: Apache-2.0

/** The object with the table of rows. */
export const TABLE_OBJECT = 'rows';

/** The object that a pack is stored as. */
export function packObject(name: string): string {
  return `packs/${name}`;
}
