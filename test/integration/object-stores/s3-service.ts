// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'mocha';
import { s3Answer } from '../../fixtures/object-stores/fault-proxy.js';
import { needsVersitygw } from '../../fixtures/object-stores/needs-versitygw.js';
import { startVersitygw, type Versitygw, type VersitygwOptions } from '../../fixtures/object-stores/versitygw.js';
import { openPlace, type PlaceConfig } from './open-place.js';
import type { Answers, Place, RawObject, Service } from './service.js';

const S3_ANSWERS: Answers = {
  tooMany: s3Answer(429, 'TooManyRequests'),
  failed: s3Answer(500, 'InternalError'),
  busy: s3Answer(503, 'ServiceUnavailable', { 'retry-after': '1' }),
  slow: s3Answer(503, 'SlowDown'),
  expired: s3Answer(400, 'ExpiredToken'),
  denied: s3Answer(403, 'AccessDenied'),
};

export interface S3Service extends Service {
  readonly server: Versitygw;
  /** Past any proxy. */
  readonly client: S3Client;
}

/** Skips the suite where there can be none. */
export async function startS3Service(context: Context, options: VersitygwOptions = {}): Promise<S3Service> {
  await needsVersitygw(context);
  const server = await startVersitygw(options);
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const config = ({ endpoint: at, prefix, bucket = server.bucket, patience = 'patient' }: Place): PlaceConfig => ({
    s3: { bucket, prefix, region, endpoint: at, credentials },
    patience,
  });
  return {
    name: 's3',
    endpoint,
    root: `/${server.bucket}/`,
    answers: S3_ANSWERS,
    checksums: true,
    server,
    client,
    config,
    provider: (place) => openPlace(config(place)),
    objects: ({ prefix, bucket = server.bucket }) => filesBelow(join(dirname(server.files), bucket, prefix)),
    unfinished: async (prefix) => {
      const list = new ListMultipartUploadsCommand({ Bucket: server.bucket, Prefix: prefix });
      return ((await client.send(list)).Uploads ?? []).map(({ Key = '' }) => Key);
    },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
}

async function filesBelow(directory: string): Promise<RawObject[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ key: relative(directory, path), size: (await stat(path)).size })));
}
