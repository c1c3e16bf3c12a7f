// SPDX-License-Identifier: Apache-2.0

/** As much of a manifest as says which objects an image has; in format 1 these are the parts, later the table and the packs. */
interface AnyManifest {
  readonly parts: readonly { readonly name: string }[];
  readonly packs?: readonly { readonly name: string }[] | undefined;
}

/** Names of the objects of an image in the store. */
export function objectsOf(manifest: AnyManifest): string[] {
  if (manifest.packs === undefined) return manifest.parts.map(({ name }) => name);
  return ['rows', ...manifest.packs.map(({ name }) => `packs/${name}`)];
}
