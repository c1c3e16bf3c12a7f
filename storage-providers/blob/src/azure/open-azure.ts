// SPDX-License-Identifier: Apache-2.0
import type { TokenCredential } from '@azure/identity';
import { PATIENT, type RetryPolicy } from '../retry/with-retries.js';
import { Wire } from '../wire/wire.js';
import type { WireOptions } from '../wire/wire-target.js';
import type { Authorizer } from './authorizer.js';
import { AzureAccess } from './azure-access.js';
import { checkAzureOptions, type AzureOptions, type AzurePlace } from './azure-options.js';
import { AzureStore } from './azure-store.js';
import { BearerToken } from './bearer-token.js';
import { BLOCK_SIZES, type BlockSizes } from './block-sizes.js';
import { loadIdentitySdk, loadSdk, type Sdk } from './load-sdk.js';
import { SasToken } from './sas-token.js';
import { sdkContainer } from './sdk-container.js';
import { SharedKey } from './shared-key.js';

/** What only tests change. */
export interface AzureTuning {
  readonly policy?: RetryPolicy;
  readonly sizes?: BlockSizes;
  readonly pageSize?: number;
  readonly wire?: Partial<WireOptions>;
  /** In the place of the identity that would be found. */
  readonly credential?: TokenCredential;
  /** This machine's clock, milliseconds since the epoch. */
  readonly now?: () => number;
}

const PARALLEL_READS = 8;
const CONNECTIONS = 16;
/** The most that the service gives. */
const PAGE_SIZE = 5000;

/**
 * Opens a store in a container, without asking the service for anything. Throws GRIT_CONFIG_INVALID, also where the SDK is not installed.
 */
export async function openAzure(options: AzureOptions, tuning: AzureTuning = {}): Promise<AzureStore> {
  const place = checkAzureOptions(options);
  const sdk = await loadSdk();
  const { policy = PATIENT, now = Date.now } = tuning;
  const authorizer = await authorizerOf(sdk, options, place, tuning);
  const { protocol, hostname, port } = new URL(place.endpoint);
  const secure = protocol === 'https:';
  const wire = new Wire(
    {
      secure,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      ...(options.ca !== undefined && { tls: { ca: options.ca } }),
    },
    { connections: CONNECTIONS, ...tuning.wire },
  );
  const access = new AzureAccess(place, authorizer, wire, { policy, now, parallelReads: PARALLEL_READS });
  return new AzureStore(access, sdkContainer(sdk, access), {
    sizes: tuning.sizes ?? BLOCK_SIZES,
    parallelReads: PARALLEL_READS,
    pageSize: tuning.pageSize ?? PAGE_SIZE,
  });
}

async function authorizerOf(
  sdk: Sdk,
  { sasFile, clientId }: AzureOptions,
  { account, accountKey, sas, label }: AzurePlace,
  { credential, now = Date.now }: AzureTuning,
): Promise<Authorizer> {
  if (accountKey !== undefined) return new SharedKey(sdk, account, accountKey, now);
  if (sas !== undefined) return new SasToken(sdk, { token: sas }, now);
  if (sasFile !== undefined) return new SasToken(sdk, { file: sasFile }, now);
  return new BearerToken(credential ?? (await identityOf(clientId)), label, now);
}

/** Environment, workload identity, managed identity, and what the command line tools of Azure are logged in with, in this order. */
async function identityOf(clientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await loadIdentitySdk();
  if (clientId === undefined) return new DefaultAzureCredential();
  return new DefaultAzureCredential({ managedIdentityClientId: clientId, workloadIdentityClientId: clientId });
}
