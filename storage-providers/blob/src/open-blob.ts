// SPDX-License-Identifier: Apache-2.0
import type { BlobConfig } from './blob-config.js';
import type { RetryPolicy } from './retry/with-retries.js';
import { BlobStorage } from './store/blob-storage.js';
import type { WireOptions } from './wire/wire-target.js';

/** How long a store waits and tries again; only tests change it. */
export interface BlobTuning {
  readonly policy?: RetryPolicy;
  readonly wire?: Partial<WireOptions>;
}

/** The SDK of the one or the other is loaded when the store is used for the first time: nobody has to install both. */
export function openBlob(config: BlobConfig, tuning: BlobTuning = {}): BlobStorage {
  return new BlobStorage({
    open: async () => {
      if ('s3' in config) return (await import('./s3/open-s3.js')).openS3(config.s3, tuning);
      return (await import('./azure/open-azure.js')).openAzure(config.azure, tuning);
    },
  });
}
