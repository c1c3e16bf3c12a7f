// SPDX-License-Identifier: Apache-2.0
import type { BlobConfig } from './blob-config.js';
import { BlobStorage } from './store/blob-storage.js';

/** The SDK of the one or the other is loaded when the store is used for the first time: nobody has to install both. */
export function openBlob(config: BlobConfig): BlobStorage {
  return new BlobStorage({
    open: async () => {
      if ('s3' in config) return (await import('./s3/open-s3.js')).openS3(config.s3);
      return (await import('./azure/open-azure.js')).openAzure(config.azure);
    },
  });
}
