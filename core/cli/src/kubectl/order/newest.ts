// SPDX-License-Identifier: Apache-2.0
/** The later of two states of an object: a cache may show it as it was before it was told to try again. */
export function newest<T extends { readonly metadata: { readonly resourceVersion?: string | undefined } }>(
  there: T,
  written: T,
): T {
  return versionOf(there) >= versionOf(written) ? there : written;
}

function versionOf({ metadata }: { readonly metadata: { readonly resourceVersion?: string | undefined } }): number {
  return Number(metadata.resourceVersion ?? 0);
}
