// SPDX-License-Identifier: Apache-2.0

/** Whether everything of `wanted` is so in `present`, which may have more fields: the API server's defaults. Lists must be as long. */
export function includes(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(present) &&
      present.length === wanted.length &&
      wanted.every((item, at) => includes(present[at], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return present === wanted;
  if (typeof present !== 'object' || present === null) return false;
  const fields = present as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([name, value]) => value === undefined || includes(fields[name], value));
}
