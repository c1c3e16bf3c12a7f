// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** A store in a bucket of S3, or of a service that speaks its language. */
export interface S3Options {
  readonly bucket: string;
  /** Its keys begin with this; `/` at the end is added. Default: the whole bucket. */
  readonly prefix?: string | undefined;
  /** Default: that of the environment or the profile; with an endpoint, where neither has one, us-east-1. */
  readonly region?: string | undefined;
  /** `https://host:port` of a service that is not AWS. */
  readonly endpoint?: string | undefined;
  /** The bucket is named in the path, not in the name of the host. Default: true with an endpoint. */
  readonly forcePathStyle?: boolean | undefined;
  /** Default: what the environment, the profile, the identity of the pod, or the machine gives. */
  readonly credentials?: S3Credentials | undefined;
  /** Certificates of a CA of one's own, PEM. */
  readonly ca?: string | undefined;
  /** A CRC-32 of all that is sent, which the service checks. Default true; false for services that refuse the header. */
  readonly checksums?: boolean | undefined;
  /** Default: what the bucket does. */
  readonly serverSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  /** For `aws:kms`; default: the key of the bucket, or of the account. */
  readonly kmsKeyId?: string | undefined;
  /** Of packs and other large objects: `STANDARD_IA`, say. Default: the service's. */
  readonly storageClass?: string | undefined;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
/** So that no key gets longer than the 1,024 bytes that services allow. */
const LONGEST_PREFIX = 256;
const PREFIX = /^[A-Za-z0-9!_.*'()+=,@-]+(\/[A-Za-z0-9!_.*'()+=,@-]+)*\/?$/;

/** Checks what no schema can say. Throws GRIT_CONFIG_INVALID. Returns the prefix: empty, or with `/` at its end. */
export function checkS3Options(options: S3Options): { readonly prefix: string } {
  const { bucket, prefix = '', endpoint, credentials, serverSideEncryption, kmsKeyId } = options;
  if (!BUCKET.test(bucket)) throw invalid(`bucket: ${JSON.stringify(bucket)} is no name of a bucket`);
  if (bucket.endsWith('--x-s3')) {
    throw invalid('bucket: directory buckets (S3 Express One Zone) are spoken to in another way; use an ordinary one');
  }
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX)) {
    throw invalid(
      `prefix: expected up to ${LONGEST_PREFIX} letters, digits and !_.*'()+=,@- in parts between single slashes, as team/images/`,
    );
  }
  if (prefix.split('/').some((part) => part === '.' || part === '..')) throw invalid('prefix: . and .. are no parts');
  if (endpoint !== undefined) checkEndpoint(endpoint);
  if (credentials !== undefined && (credentials.accessKeyId === '' || credentials.secretAccessKey === '')) {
    throw invalid('credentials: accessKeyId and secretAccessKey must not be empty');
  }
  if (kmsKeyId !== undefined && serverSideEncryption?.startsWith('aws:kms') !== true) {
    throw invalid('kmsKeyId: only with serverSideEncryption: aws:kms');
  }
  return { prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('endpoint: expected a URL that begins with https:// or http://');
  }
  // Secrets have their own place, where they are kept out of messages.
  if (url.username !== '' || url.password !== '') throw invalid('endpoint: keys belong into credentials');
  if (url.search !== '' || url.hash !== '') throw invalid('endpoint: expected a URL without ? and #');
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', `s3.${message}`);
}
