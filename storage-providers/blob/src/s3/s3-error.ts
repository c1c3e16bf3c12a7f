// SPDX-License-Identifier: Apache-2.0
import { GritError, type ErrorCode } from '@grit/plugin-api';
import type { Refusal } from './refusal.js';

/** What was being done, for messages. */
export interface S3Action {
  /** The store: `s3://bucket/prefix`. */
  readonly label: string;
  /** `write objects/…`. */
  readonly what: string;
  /** This machine's clock as it was signed with, milliseconds since the epoch. */
  readonly now: number;
}

/** What becomes of an answer. */
interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string | ((refusal: Refusal) => string);
  /** It may be well the next time. `few`: for a while, as it may lie with us too. */
  readonly retry?: true | 'few';
}

const KEYS =
  'Correct the keys in the configuration (credentials.accessKeyIdFrom, secretAccessKeyFrom), or what the environment, the profile or the role of this machine gives.';
const POLICY =
  'The identity needs s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListMultipartUploadParts below the prefix, and s3:ListBucket and s3:ListBucketMultipartUploads of the bucket; without s3:ListBucket also what is merely absent is answered like this. Object Lock refuses deletes.';
const rightRegion = ({ region }: Refusal): string =>
  region === undefined
    ? 'Set region, and endpoint where there is one, to those of the bucket.'
    : `The bucket is in ${region}: set region: ${region}.`;

const DENIED = (hint: string): Meaning => ({ code: 'GRIT_STORAGE_DENIED', hint });
const BUSY: Meaning = { code: 'GRIT_STORAGE_UNAVAILABLE', retry: true };
const FULL: Meaning = { code: 'GRIT_STORAGE_FULL', hint: 'Raise the quota of the bucket, or make room in it.' };
const SPOILT: Meaning = {
  code: 'GRIT_STORAGE_IO',
  retry: 'few',
  hint: 'What arrived was not what was sent: check the network and the proxies on the way.',
};
const ELSEWHERE: Meaning = { code: 'GRIT_STORAGE_MISSING', hint: rightRegion };
const ARCHIVED: Meaning = {
  code: 'GRIT_STORAGE_UNSUITABLE',
  hint: 'The object was moved to an archive: restore it (aws s3api restore-object), and take the prefix out of the lifecycle rule.',
};

const MEANINGS: Readonly<Partial<Record<string, Meaning>>> = {
  AccessDenied: DENIED(POLICY),
  AllAccessDisabled: DENIED(POLICY),
  AccountProblem: DENIED('Ask whoever pays for the account.'),
  InvalidAccessKeyId: DENIED(KEYS),
  SignatureDoesNotMatch: DENIED(`The secret key does not belong to the key id. ${KEYS}`),
  // As versitygw says it.
  XAdminUserNotFound: DENIED(KEYS),
  InvalidToken: DENIED(KEYS),
  InvalidClientTokenId: DENIED(KEYS),
  UnrecognizedClientException: DENIED(KEYS),
  ExpiredToken: DENIED('The credentials have expired: get new ones.'),
  ExpiredTokenException: DENIED('The credentials have expired: get new ones.'),
  TokenRefreshRequired: DENIED('The credentials have expired: get new ones.'),
  RequestTimeTooSkewed: DENIED('Set the clock of this machine, best by NTP.'),
  InvalidObjectState: ARCHIVED,
  NoSuchBucket: { code: 'GRIT_STORAGE_MISSING' },
  InvalidBucketName: { code: 'GRIT_STORAGE_MISSING' },
  PermanentRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  TemporaryRedirect: BUSY,
  SlowDown: BUSY,
  InternalError: BUSY,
  ServiceUnavailable: BUSY,
  RequestTimeout: BUSY,
  OperationAborted: BUSY,
  Conflict: BUSY,
  ConditionalRequestConflict: BUSY,
  Throttling: BUSY,
  ThrottlingException: BUSY,
  TooManyRequestsException: BUSY,
  RequestLimitExceeded: BUSY,
  BadDigest: SPOILT,
  IncompleteBody: SPOILT,
  XAmzContentSHA256Mismatch: SPOILT,
  QuotaExceeded: FULL,
  EntityTooLarge: FULL,
  InsufficientStorage: FULL,
  NoSpaceLeftOnDevice: FULL,
  XMinioStorageFull: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  NotImplemented: { code: 'GRIT_STORAGE_UNSUITABLE' },
  InvalidStorageClass: { code: 'GRIT_CONFIG_INVALID', hint: 'Correct storageClass.' },
  InvalidEncryptionAlgorithmError: { code: 'GRIT_CONFIG_INVALID', hint: 'Correct serverSideEncryption.' },
};

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'];

/** True where the same call may do with new credentials. */
export function isExpired({ code }: Refusal): boolean {
  return EXPIRED.includes(code);
}

/** Whether it may be well the next time; `few`: tried again a few times only. */
export function isRetryable(refusal: Refusal): boolean | 'few' {
  return meaningOf(refusal).retry ?? false;
}

/** The error for an answer that ends the call. */
export function s3Error(refusal: Refusal, action: S3Action, cause?: unknown): GritError {
  const { code, hint } = meaningOf(refusal);
  const said = refusal.message === '' ? '' : `${refusal.message.replace(/\.$/, '')} `;
  const clock = refusal.code === 'RequestTimeTooSkewed' ? clockDifference(refusal, action.now) : '';
  return new GritError(
    code,
    `${action.label}: ${action.what}: ${said}(${refusal.code}, HTTP ${refusal.status})${clock}`,
    {
      cause,
      hint: typeof hint === 'function' ? hint(refusal) : hint,
      details: {
        store: action.label,
        answer: refusal.code,
        status: refusal.status,
        ...(refusal.region !== undefined && { region: refusal.region }),
      },
    },
  );
}

function meaningOf({ code, status }: Refusal): Meaning {
  const known = MEANINGS[code];
  if (known !== undefined) return known;
  if (code.startsWith('KMS.'))
    return DENIED('Check the key of serverSideEncryption, and that the identity may use it.');
  if (status >= 500 || status === 429 || status === 408) return BUSY;
  if (status === 403 || status === 401) return DENIED(POLICY);
  return { code: 'GRIT_STORAGE_IO' };
}

function clockDifference({ serverTime }: Refusal, now: number): string {
  if (serverTime === undefined) return '';
  const seconds = Math.round((now - serverTime) / 1000);
  const size = Math.abs(seconds);
  const amount =
    size < 120 ? `${size} s` : size < 7200 ? `${Math.round(size / 60)} min` : `${Math.round(size / 3600)} h`;
  return `: the clock of this machine is ${amount} ${seconds < 0 ? 'behind' : 'ahead'}`;
}
