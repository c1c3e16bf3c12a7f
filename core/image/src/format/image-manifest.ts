// SPDX-License-Identifier: Apache-2.0
import type { PartKind, RuntimeRecord, StoredBytes, Timing, WorkloadRef } from '@grit/plugin-api';

/** The version that is written, and the only one that is read. */
export const MANIFEST_VERSION = 2;

/** Name of the feature of images whose objects are encrypted. */
export const ENCRYPTION_FEATURE = 'aes-256-gcm';

/** Names of the hash functions that an image may use; one for all of it. */
export type HashName = 'blake3' | 'sha256';

/** What is known about an image before its parts are stored. */
export interface ImageFacts {
  /** Id of the checkpoint. */
  readonly checkpoint: string;
  readonly workload: WorkloadRef;
  /** Node where it was dumped. */
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly runtime: RuntimeRecord;
  /** What compatibility is judged by at restore. */
  readonly facts: Readonly<Record<string, string>>;
  /** Of the dump. */
  readonly timings: readonly Timing[];
  /** Id of the workload's checkpoint before this one. */
  readonly parent?: string | undefined;
}

/** One part as it was stored. */
export interface ManifestPart {
  /** See checkPartName; no part is the directory of another. */
  readonly name: string;
  readonly kind: PartKind;
  /** Bytes. */
  readonly size: number;
  /** Rows of the part in the table: the first one, and how many. The parts' rows fill the table, in the order of the parts. */
  readonly rows: readonly [first: number, count: number];
  /** `NAME:hex`: hash over hash, length and zeros of its rows (bytes 0 to 40), so over its content and not where it is stored. */
  readonly digest: string;
}

/** One pack: the object `packs/NAME`. */
export interface ManifestPack {
  /** `pk-` and 26 letters and digits. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `NAME:hex` of its index. */
  readonly index: string;
}

/** The manifest of an image: what it is, what it consists of, and how to see that it is whole. */
export interface ImageManifest extends ImageFacts {
  readonly version: typeof MANIFEST_VERSION;
  readonly hash: HashName;
  /** Names of features that a reader has to know: none, or {@link ENCRYPTION_FEATURE}. */
  readonly requires: readonly string[];
  /** Null: not encrypted. Else the name of the key that a reader needs; the keys themselves are never here. */
  readonly encryption: null | { readonly keyId: string };
  readonly bytes: StoredBytes;
  /** The table of rows: the object `rows`. `digest` is over the whole of it. */
  readonly table: { readonly rows: number; readonly digest: string };
  readonly packs: readonly ManifestPack[];
  /** Sorted by name. */
  readonly parts: readonly ManifestPart[];
}
