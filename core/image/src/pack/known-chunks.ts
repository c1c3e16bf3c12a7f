// SPDX-License-Identifier: Apache-2.0
import type { HashName, ManifestPack } from '../format/image-manifest.js';

/** A pack of another image whose chunks need not be written again: the writer of this image holds it. */
export interface KnownPack extends ManifestPack {
  /** Id of an image that has it. */
  readonly image: string;
}

/** The rows of an image, and which of them are in packs that are known. */
export interface KnownTable {
  readonly hash: HashName;
  /** Checked against its manifest. */
  readonly table: Buffer;
  /** For each pack of that image its place in {@link KnownChunks.packs}; NO_PACK for one that is not there. */
  readonly places: Uint32Array;
}

/** What other images have already, the likeliest first. */
export interface KnownChunks {
  readonly packs: readonly KnownPack[];
  readonly tables: readonly KnownTable[];
  /** Keys of the packs, by name, when they are those of encrypted images. */
  readonly keys?: ReadonlyMap<string, Uint8Array> | undefined;
}
