// SPDX-License-Identifier: Apache-2.0
import type { PartKind, RuntimeRecord, Timing, WorkloadRef } from '@grit/plugin-api';

/** The version that is written, and the only one that is read. */
export const MANIFEST_VERSION = 1;

/** One part as it was stored. */
export interface ManifestPart {
  /** See checkPartName; no part is the directory of another. */
  readonly name: string;
  readonly kind: PartKind;
  /** Bytes. */
  readonly size: number;
  /** `sha256:` and the sha256 over the digests of the blocks. */
  readonly digest: string;
  /** Base64 of the sha256 digests of the blocks of 1 MiB, one after the other. */
  readonly blocks: string;
}

/** What is known about an image before its parts are stored. The same facts and parts always give the same manifest. */
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

/** The manifest of an image: what it is, what it consists of, and how to see that it is whole. */
export interface ImageManifest extends ImageFacts {
  readonly version: typeof MANIFEST_VERSION;
  /** Sorted by name. */
  readonly parts: readonly ManifestPart[];
}
