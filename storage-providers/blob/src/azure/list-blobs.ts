// SPDX-License-Identifier: Apache-2.0
import type { ContainerClient } from '@azure/storage-blob';
import { throwIfAborted } from '@grit/image';
import type { StoredObject } from '../object-store.js';
import type { AzureAccess, AzureCallOptions } from './azure-access.js';

/** All blobs below the prefix of the store whose keys begin with `prefix`, page by page. */
export async function* listBlobs(
  { access, container }: { readonly access: AzureAccess; readonly container: ContainerClient },
  prefix: string,
  { signal, policy, pageSize }: Pick<AzureCallOptions, 'signal' | 'policy'> & { readonly pageSize: number },
): AsyncGenerator<StoredObject, void> {
  const options = { prefix: access.keyOf(prefix), abortSignal: signal };
  let continuationToken: string | undefined;
  do {
    const from = { maxPageSize: pageSize, ...(continuationToken !== undefined && { continuationToken }) };
    const page = await access.tries({ what: `list ${prefix}`, signal, policy }, async () => {
      for await (const one of container.listBlobsFlat(options).byPage(from)) return one;
      return undefined;
    });
    for (const { name, properties } of page?.segment.blobItems ?? []) {
      yield {
        key: name.slice(access.place.prefix.length),
        size: properties.contentLength ?? 0,
        modifiedAt: properties.lastModified.getTime(),
        // In lists it comes without the quotation marks that it has in headers.
        etag: properties.etag.startsWith('"') ? properties.etag : `"${properties.etag}"`,
      };
      throwIfAborted(signal);
    }
    continuationToken = page?.continuationToken === '' ? undefined : page?.continuationToken;
  } while (continuationToken !== undefined);
}
