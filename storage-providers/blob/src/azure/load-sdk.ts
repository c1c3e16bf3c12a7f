// SPDX-License-Identifier: Apache-2.0
import type * as Identity from '@azure/identity';
import type * as Blob from '@azure/storage-blob';
import { GritError } from '@grit/plugin-api';

export type Sdk = typeof Blob;
export type IdentitySdk = typeof Identity;

/** The SDK, which only those need who have a container. Throws GRIT_CONFIG_INVALID where it is not installed. */
export function loadSdk(): Promise<Sdk> {
  return loaded('@azure/storage-blob', () => import('@azure/storage-blob'));
}

/** What is needed beside it where an identity takes the place of a key. */
export function loadIdentitySdk(): Promise<IdentitySdk> {
  return loaded('@azure/identity', () => import('@azure/identity'));
}

async function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new GritError(
      'GRIT_CONFIG_INVALID',
      `this store in Azure needs the package ${name}, which is not installed`,
      {
        cause,
        hint: `npm install ${name} beside GRIT`,
      },
    );
  }
}
