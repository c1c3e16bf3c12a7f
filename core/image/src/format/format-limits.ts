// SPDX-License-Identifier: Apache-2.0

/** Most bytes of a manifest: some 200,000 parts, or the packs of 16 TiB. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** Most rows of a table; with chunks of memory that is 2 TiB. The table then has less than 1 GiB. */
export const MAX_ROWS = 16 * 1024 * 1024;

/** Most bytes of a pack. Writers end packs long before, at 64 MiB. */
export const MAX_PACK_BYTES = 1024 * 1024 * 1024;

/** Most chunks of a pack; its index then has 48 MiB. */
export const MAX_PACK_ENTRIES = 1024 * 1024;

/** The index of a pack begins at a multiple of this many bytes, and the pack ends at one, so that it can be written with O_DIRECT. */
export const PACK_ALIGNMENT = 4096;
