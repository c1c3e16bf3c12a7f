// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Context } from 'mocha';
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { startAzurite, type Azurite, type AzuriteOptions } from '../../../../test/fixtures/object-stores/azurite.js';
import { needsAzurite } from '../../../../test/fixtures/object-stores/needs-azurite.js';
import type { AzureOptions } from '../../src/azure/azure-options.js';
import type { AzureStore } from '../../src/azure/azure-store.js';
import { openAzure, type AzureTuning } from '../../src/azure/open-azure.js';

export const NEVER = new AbortController().signal;
export const KIB = 1024;
/** So that little bytes make many blocks and pages, and what is in vain ends soon. */
const SMALL: AzureTuning = {
  policy: { firstMs: 5, longestMs: 50, totalMs: 60_000 },
  sizes: { block: 64 * KIB, streamBlock: 64 * KIB },
  pageSize: 4,
};

/** A container of an emulator of its own. */
export class Container {
  private constructor(readonly server: Azurite) {}

  /** For `before`: skips the suite where there is no emulator. */
  static async start(context: Context, options: AzuriteOptions = {}): Promise<Container> {
    await needsAzurite(context);
    return new Container(await startAzurite(options));
  }

  /** How to reach it with the key of the account, below a prefix that nobody else has. */
  options(changes: Partial<AzureOptions> = {}): AzureOptions {
    const { account, container, endpoint, key, caPem } = this.server;
    const prefix = `team/${randomUUID()}`;
    return { account, container, endpoint, prefix, accountKey: key, ...(caPem && { ca: caPem }), ...changes };
  }

  open(changes: Partial<AzureOptions> = {}, tuning: AzureTuning = {}): Promise<AzureStore> {
    return openAzure(this.options(changes), { ...SMALL, ...tuning });
  }

  /** A shared access signature of the container. */
  sas({ permissions = 'racwdl', endsIn = 3_600_000 } = {}): string {
    const { account, container, key } = this.server;
    const fields = {
      containerName: container,
      permissions: ContainerSASPermissions.parse(permissions),
      startsOn: new Date(Date.now() - 7_200_000),
      expiresOn: new Date(Date.now() + endsIn),
      protocol: SASProtocol.HttpsAndHttp,
    };
    return generateBlobSASQueryParameters(fields, new StorageSharedKeyCredential(account, key)).toString();
  }

  /** For `after`: also where it was never started. */
  static async stop(container: Container | undefined): Promise<void> {
    await container?.server.stop();
  }
}
