// SPDX-License-Identifier: Apache-2.0
import type { StoredBytes } from '@grit/plugin-api';
import type { HashName, ManifestPart } from '../format/image-manifest.js';
import type { PackedKeys } from './packed-keys.js';
import type { ReadBack } from './read-back.js';

/** One pack that the image uses. */
export interface UsedPack {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `NAME:hex` of its index. */
  readonly index: string;
  /** True: a file of that name in the packer's directory. False: one of the known packs. */
  readonly own: boolean;
  /** Of the known pack. */
  readonly image?: string;
  /** Its file was read back from the disk already. */
  readonly readBack?: ReadBack;
}

/** What a packer made of the parts of one image: all that a manifest has to say about them. */
export interface PackedImage {
  readonly hash: HashName;
  /** The rows of all parts; `pack` counts in {@link PackedImage.packs}. */
  readonly table: Buffer;
  /** Sorted by name; their rows fill the table. */
  readonly parts: readonly ManifestPart[];
  /** Only packs that a row uses. */
  readonly packs: readonly UsedPack[];
  /** `stored`: bytes of the own packs and of the table. */
  readonly bytes: StoredBytes;
  /** Of an image that is to be encrypted. */
  readonly encryption?: PackedKeys | undefined;
}
