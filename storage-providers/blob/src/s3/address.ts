// SPDX-License-Identifier: Apache-2.0
import type { S3Client } from '@aws-sdk/client-s3';
import { GritError } from '@grit/plugin-api';
import type { Sdk } from './load-sdk.js';

/** Where the objects of a bucket are asked for. */
export interface S3Address {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** For the header, with the port where it is not the usual one. */
  readonly host: string;
  /** What comes before the key: the bucket, where the host does not name it. Encoded, without a slash at its end. */
  readonly path: string;
  /** That requests are signed for. */
  readonly region: string;
}

interface Resolved {
  readonly url: URL;
  readonly properties?: {
    readonly authSchemes?: readonly { readonly name?: string; readonly signingRegion?: string }[];
  };
}

/**
 * The address as the SDK finds it, from region, endpoint, environment and profile, so that both always talk to the same: it prepares a
 * request that is never sent.
 */
export async function addressOf(sdk: Sdk, client: S3Client, bucket: string): Promise<S3Address> {
  const command = new sdk.HeadBucketCommand({ Bucket: bucket });
  let resolved: Resolved | undefined;
  command.middlewareStack.add(
    (_next, context) => async () => {
      resolved = context.endpointV2;
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: 'build', priority: 'low', name: 'gritAddress' },
  );
  await client.send(command);
  if (resolved === undefined) throw new GritError('GRIT_INTERNAL', 'the SDK did not say where the bucket is');
  const { url, properties } = resolved;
  const scheme = properties?.authSchemes?.[0];
  if (scheme?.name !== undefined && scheme.name !== 'sigv4') {
    throw new GritError('GRIT_CONFIG_INVALID', `s3.bucket: ${bucket} wants requests signed by ${scheme.name}`, {
      hint: 'Use an ordinary bucket.',
    });
  }
  const secure = url.protocol === 'https:';
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    path: url.pathname.replace(/\/$/, ''),
    region: scheme?.signingRegion ?? (await client.config.region()),
  };
}
