// SPDX-License-Identifier: Apache-2.0
import { GritError, type JsonObject, type StorageFactory } from '@grit/plugin-api';
import { blobSchema, type BlobConfig } from './blob-config.js';
import { openBlob } from './open-blob.js';

/** Stores of a cluster. Their secrets have been put in by whoever opens them. */
export const blobFactory: StorageFactory = {
  id: 'storage-blob',
  open: async (config, { path }) => {
    if (path !== undefined) throw invalid('a store in a bucket is in no claim');
    return openBlob(await configOf(config));
  },
};

async function configOf(config: JsonObject): Promise<BlobConfig> {
  const result = await blobSchema['~standard'].validate(config);
  if (result.issues === undefined) return result.value;
  throw invalid(
    result.issues.map(({ path = [], message }) => [path.map(String).join('.'), message].join(': ')).join('; '),
  );
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', `storage-blob: ${message}`);
}
