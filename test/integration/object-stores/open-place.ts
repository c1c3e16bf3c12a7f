// SPDX-License-Identifier: Apache-2.0
import type { StorageProvider } from '@grit/plugin-api';
import { openBlob, type AzureOptions, type S3Options } from '@grit/storage-blob';

/** How long a store goes on when the service does not answer. `short`: when it never will; `patient`: even on a slow
 * machine; `stalled`: the same, for when it stops in the middle. */
export type Patience = 'short' | 'patient' | 'stalled';

/** A store, as JSON. */
export interface PlaceConfig {
  readonly s3?: S3Options;
  readonly azure?: AzureOptions;
  readonly patience: Patience;
}

/** Milliseconds. */
const POLICIES = {
  short: { firstMs: 5, longestMs: 50, totalMs: 400 },
  patient: { firstMs: 20, longestMs: 500, totalMs: 60_000 },
  stalled: { firstMs: 20, longestMs: 500, totalMs: 60_000 },
} as const;
/** Nobody answers later than this, milliseconds; whoever does on a slow machine is asked again. */
const WAIT_MS = { short: 5_000, patient: 15_000, stalled: 2_000 } as const;

/** Opens it as its plugin does, only that it waits less long. */
export function openPlace({ s3, azure, patience }: PlaceConfig): StorageProvider {
  const wait = WAIT_MS[patience];
  const tuning = { policy: POLICIES[patience], wire: { firstByteMs: wait, stallMs: wait } };
  if (s3 !== undefined) return openBlob({ s3 }, tuning);
  if (azure !== undefined) return openBlob({ azure }, tuning);
  throw new Error('it is neither in S3 nor in Azure');
}
