// SPDX-License-Identifier: Apache-2.0
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { Context } from 'mocha';
import { startAzurite } from '../../fixtures/object-stores/azurite.js';
import { azureAnswer } from '../../fixtures/object-stores/fault-proxy.js';
import { needsAzurite } from '../../fixtures/object-stores/needs-azurite.js';
import { openPlace, type PlaceConfig } from './open-place.js';
import type { Answers, Place, RawObject, Service } from './service.js';

const AZURE_ANSWERS: Answers = {
  tooMany: azureAnswer(429, 'TooManyRequests'),
  failed: azureAnswer(500, 'InternalError'),
  busy: azureAnswer(503, 'ServerBusy', { 'retry-after': '1' }),
  slow: azureAnswer(503, 'ServerBusy'),
  expired: azureAnswer(401, 'InvalidAuthenticationInfo'),
  denied: azureAnswer(403, 'AuthorizationFailure'),
};

/** Skips the suite where there can be none. */
export async function startAzureService(context: Context): Promise<Service> {
  await needsAzurite(context);
  const server = await startAzurite();
  const { account, container, key } = server;
  const { origin } = new URL(server.endpoint);
  const client = new ContainerClient(`${server.endpoint}/${container}`, new StorageSharedKeyCredential(account, key));
  const all = async (prefix: string): Promise<(RawObject & { readonly staged: boolean })[]> => {
    const found: (RawObject & { readonly staged: boolean })[] = [];
    for await (const { name, properties } of client.listBlobsFlat({ prefix, includeUncommitedBlobs: true })) {
      const { contentLength: size = 0, contentType } = properties;
      // One that has only blocks that nobody committed has no type yet.
      found.push({ key: name.slice(prefix.length), size, staged: contentType === undefined });
    }
    return found;
  };
  const config = ({ endpoint, prefix, patience = 'patient' }: Place): PlaceConfig => ({
    azure: { account, container, prefix, endpoint: `${endpoint}/${account}`, accountKey: key },
    patience,
  });
  return {
    name: 'azure',
    endpoint: origin,
    root: `/${account}/${container}/`,
    answers: AZURE_ANSWERS,
    checksums: false,
    config,
    provider: (place) => openPlace(config(place)),
    objects: async ({ prefix }) => (await all(prefix)).filter(({ staged }) => !staged),
    unfinished: async (prefix) => (await all(prefix)).filter(({ staged }) => staged).map((blob) => blob.key),
    stop: () => server.stop(),
  };
}
