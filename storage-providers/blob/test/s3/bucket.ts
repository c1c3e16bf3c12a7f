// SPDX-License-Identifier: Apache-2.0
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'mocha';
import { needsVersitygw } from '../../../../test/fixtures/object-stores/needs-versitygw.js';
import {
  startVersitygw,
  type Versitygw,
  type VersitygwOptions,
} from '../../../../test/fixtures/object-stores/versitygw.js';
import { openS3, type S3Tuning } from '../../src/s3/open-s3.js';
import type { S3Options } from '../../src/s3/s3-options.js';
import type { S3Store } from '../../src/s3/s3-store.js';

export const NEVER = new AbortController().signal;
/** For what is expected to fail: the tries end soon, and yet not before there were several. */
export const IMPATIENT = { firstMs: 1, longestMs: 20, totalMs: 150 };
/** For what is expected to succeed. */
const PATIENT = { firstMs: 1, longestMs: 100, totalMs: 60_000 };
/** The smallest that services take. */
export const PART = 5 * 1024 * 1024;

/** What a suite has started; nothing of it where the machine cannot have it. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** For `after`: the last first. */
export async function stopAll(started: readonly Stoppable[]): Promise<void> {
  for (const each of started.toReversed()) await each.stop();
}

/** A real bucket. */
export class Bucket {
  readonly client: S3Client;

  private constructor(readonly server: Versitygw) {
    const { endpoint, region } = server;
    this.client = new S3Client({ endpoint, region, credentials: credentialsOf(server), forcePathStyle: true });
  }

  /** For `before`. */
  static async start(context: Context, options: VersitygwOptions = {}): Promise<Bucket> {
    await needsVersitygw(context);
    return new Bucket(await startVersitygw(options));
  }

  /** A store in it, with small pages and parts. */
  async open(options: Partial<S3Options> = {}, tuning: S3Tuning = {}): Promise<S3Store> {
    const { bucket, endpoint, region, caPem } = this.server;
    return openS3(
      {
        bucket,
        endpoint,
        region,
        credentials: credentialsOf(this.server),
        ...(caPem !== undefined && { ca: caPem }),
        prefix: 'team/images',
        ...options,
      },
      { policy: PATIENT, firstPart: PART, largestSingle: PART, ...tuning },
    );
  }

  /** Keys of uploads that are neither ended nor removed. */
  async openUploads(): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: this.server.bucket }));
    return Uploads.map(({ Key = '' }) => Key);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.server.stop();
  }
}

function credentialsOf({ accessKeyId, secretAccessKey }: Versitygw) {
  return { accessKeyId, secretAccessKey };
}
