// SPDX-License-Identifier: Apache-2.0
import type { StorageProvider } from '@grit/plugin-api';

/** A storage under test together with its place: fresh and empty for every case. */
export interface StorageSubject {
  readonly storage: StorageProvider;
  /** An empty directory on a local disk, the suite's own; gone with the subject. */
  readonly directory: string;
  /** Another provider for the same place, as on another node or after a crash. */
  readonly reopen: () => Promise<StorageProvider>;
  /** Changes what is stored, behind the provider's back. Without it, the cases about damage are left out. */
  readonly damage?: StorageDamage | undefined;
  /** Something in the store that the provider has not put there. Without it, what `collect` does with that is not looked at. */
  readonly litter?: { put(): Promise<void>; isThere(): Promise<boolean> } | undefined;
}

/** What can happen to a store; `part` is the name of an object. */
export interface StorageDamage {
  /** Flips bits of the byte at the offset. */
  corrupt(id: string, part: string, offset: number): Promise<void>;
  /** Cuts the object. */
  truncate(id: string, part: string, size: number): Promise<void>;
  remove(id: string, part: string): Promise<void>;
  /** Removes the manifest of a committed image. */
  removeManifest(id: string): Promise<void>;
}

/** Cases by title. */
export type StorageCases = Readonly<Record<string, (subject: StorageSubject) => Promise<void>>>;
