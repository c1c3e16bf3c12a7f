// SPDX-License-Identifier: Apache-2.0
/**
 * Images in an object store: a bucket of S3, or of a service that speaks its language, or a container of Azure Blob.
 *
 * @packageDocumentation
 */
import { GritError, definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { pluginSchema, type BlobConfig, type NoStore } from './blob-config.js';
import { blobFactory } from './blob-factory.js';
import { openBlob } from './open-blob.js';
import { BlobStorage } from './store/blob-storage.js';

export type { BlobConfig, NoStore } from './blob-config.js';
export type { AzureOptions } from './azure/azure-options.js';
export type { S3Credentials, S3Options } from './s3/s3-options.js';
export { openBlob } from './open-blob.js';
export { BlobStorage, type BlobStorageOptions } from './store/blob-storage.js';
export type { ByteRange, Condition, ObjectStore, StoredObject, UploadOptions, UploadSource } from './object-store.js';

export default definePlugin({
  config: pluginSchema,
  create: ({ config, name }) => ({
    services: [
      provide(pluginServices.storageProvider, isStore(config) ? openBlob(config) : noStore(name)),
      provide(pluginServices.storageFactory, blobFactory),
    ],
  }),
});

function isStore(config: BlobConfig | NoStore): config is BlobConfig {
  return Object.keys(config).length > 0;
}

/** Agents of a cluster have the plugin for its factory alone. */
function noStore(name: string): BlobStorage {
  const message = `plugins.${name}.config names no bucket and no container`;
  const error = new GritError('GRIT_CONFIG_INVALID', message, {
    hint: 'Give it s3 or azure; without them it only opens the stores of a cluster, which say themselves where they are.',
  });
  return new BlobStorage({ open: () => Promise.reject(error) });
}
