// SPDX-License-Identifier: Apache-2.0
/**
 * Images in an object store: a bucket of S3, or of a service that speaks its language, or a container of Azure Blob.
 *
 * @packageDocumentation
 */
import { definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { blobSchema } from './blob-config.js';
import { blobFactory } from './blob-factory.js';
import { openBlob } from './open-blob.js';

export type { BlobConfig } from './blob-config.js';
export type { AzureOptions } from './azure/azure-options.js';
export type { S3Credentials, S3Options } from './s3/s3-options.js';
export { openBlob } from './open-blob.js';
export { BlobStorage, type BlobStorageOptions } from './store/blob-storage.js';
export type { ByteRange, Condition, ObjectStore, StoredObject, UploadOptions, UploadSource } from './object-store.js';

export default definePlugin({
  config: blobSchema,
  create: ({ config }) => ({
    services: [
      provide(pluginServices.storageProvider, openBlob(config)),
      provide(pluginServices.storageFactory, blobFactory),
    ],
  }),
});
