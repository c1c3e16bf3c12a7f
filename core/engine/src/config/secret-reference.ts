// SPDX-License-Identifier: Apache-2.0

/** Where a secret is kept. */
export type SecretReference = { readonly file: string } | { readonly env: string };

/** True for an object that has nothing but `file` or nothing but `env`. */
export function isSecretReference(value: unknown): value is SecretReference {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  const [entry] = entries;
  return (
    entries.length === 1 && entry !== undefined && ['file', 'env'].includes(entry[0]) && typeof entry[1] === 'string'
  );
}
