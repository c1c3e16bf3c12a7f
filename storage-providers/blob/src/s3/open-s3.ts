// SPDX-License-Identifier: Apache-2.0
import { Agent } from 'node:https';
import type { S3Client, StorageClass } from '@aws-sdk/client-s3';
import { GritError } from '@grit/plugin-api';
import { PATIENT, type RetryPolicy } from '../retry/with-retries.js';
import type { WireOptions } from '../wire/wire-target.js';
import { loadSdk, type Sdk } from './load-sdk.js';
import { FIRST_STREAM_PART } from './part-sizes.js';
import { S3Access } from './s3-access.js';
import { checkS3Options, type S3Credentials, type S3Options } from './s3-options.js';
import { S3Store } from './s3-store.js';

/** What only tests change. */
export interface S3Tuning {
  readonly policy?: RetryPolicy;
  readonly pageSize?: number;
  readonly firstPart?: number;
  readonly largestSingle?: number;
  /** The clock of signatures, milliseconds since the epoch. */
  readonly now?: () => number;
  /** Times of waiting for the service, over our connections and those of the SDK. */
  readonly wire?: Partial<WireOptions>;
}

const PARALLEL_READS = 8;
const CONNECTIONS = 16;
const PAGE_SIZE = 1000;
/** Of services that do not care. */
const ANY_REGION = 'us-east-1';
const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;

/** Opens a store in a bucket, without asking the service for anything. Throws GRIT_CONFIG_INVALID. */
export async function openS3(options: S3Options, tuning: S3Tuning = {}): Promise<S3Store> {
  const { prefix } = checkS3Options(options);
  const { bucket, ca } = options;
  const sdk = await loadSdk();
  const client = await openClient(sdk, options, tuning.wire);
  const access = new S3Access(
    sdk,
    client,
    {
      bucket,
      prefix,
      label: `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`,
      endpoint: options.endpoint ?? `AWS in the region ${await client.config.region()}`,
    },
    {
      policy: tuning.policy ?? PATIENT,
      now: tuning.now ?? Date.now,
      ca,
      wire: { connections: CONNECTIONS, ...tuning.wire },
      parallelReads: PARALLEL_READS,
    },
  );
  return new S3Store(access, {
    checksums: options.checksums ?? true,
    serverSideEncryption: options.serverSideEncryption,
    kmsKeyId: options.kmsKeyId,
    // The service says which it has.
    storageClass: options.storageClass as StorageClass | undefined,
    parallelReads: PARALLEL_READS,
    pageSize: tuning.pageSize ?? PAGE_SIZE,
    firstPart: tuning.firstPart ?? FIRST_STREAM_PART,
    largestSingle: tuning.largestSingle,
  });
}

async function openClient(sdk: Sdk, options: S3Options, wire: Partial<WireOptions> = {}): Promise<S3Client> {
  const { endpoint, credentials, ca, region, forcePathStyle = endpoint !== undefined } = options;
  const timeouts = {
    connectionTimeout: wire.connectMs ?? CONNECT_MS,
    requestTimeout: wire.firstByteMs ?? ANSWER_MS,
    // An answer that has begun may stop, too.
    socketTimeout: wire.stallMs ?? ANSWER_MS,
    throwOnRequestTimeout: true,
  };
  const make = (place: string | undefined): S3Client =>
    new sdk.S3Client({
      ...(place !== undefined && { region: place }),
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials: identityOf(credentials) }),
      ...(ca !== undefined && { requestHandler: { ...timeouts, httpsAgent: new Agent({ ca, keepAlive: true }) } }),
      ...(ca === undefined && { requestHandler: timeouts }),
      forcePathStyle,
      // Tries are counted in one place, which is ours.
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  const client = make(region);
  try {
    await client.config.region();
    return client;
  } catch (cause) {
    if (endpoint !== undefined) return make(ANY_REGION);
    throw new GritError('GRIT_CONFIG_INVALID', 's3.region: neither the configuration nor the environment has one', {
      cause,
      hint: 'Set region, or AWS_REGION, or a profile that has one.',
    });
  }
}

function identityOf({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
