// SPDX-License-Identifier: Apache-2.0
import { GritError, type ErrorCode } from '@grit/plugin-api';
import type { Refusal } from './refusal.js';

/** What was being done, for messages. */
export interface AzureAction {
  /** The store: `azure://account/container/prefix`. */
  readonly label: string;
  /** `write KEY`. */
  readonly what: string;
  /** This machine's clock, milliseconds since the epoch. */
  readonly now: number;
  /** What we know of the reason. */
  readonly reason?: string | undefined;
}

/** What becomes of an answer. */
interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string;
  /** It may be well the next time. `few`: for a while, as it may lie with us too. */
  readonly retry?: true | 'few';
}

const CLOCK_MS = 300_000;
const DENIED = (hint: string): Meaning => ({ code: 'GRIT_STORAGE_DENIED', hint });
const UNSUITABLE = (hint: string): Meaning => ({ code: 'GRIT_STORAGE_UNSUITABLE', hint });
const KEYS =
  'Correct accountKeyFrom, sasFrom or sasFile and the account they belong to; set the clock of this machine, best by NTP.';
const RIGHTS =
  'The identity needs the role Storage Blob Data Contributor on the container; a SAS needs the permissions racwdl of the container.';
const ACCOUNT_SAS =
  'Make a SAS for blobs, of the container and its objects (ss=b, srt=co), for the protocol and address that are used.';
const LEASED = DENIED(
  'Somebody has a lease on it: end it (az storage blob lease break), and leave the container to GRIT alone.',
);
const KEPT = UNSUITABLE(
  'The container has an immutability policy or a legal hold, so that nothing can be replaced or deleted: use another container.',
);
const BUSY: Meaning = { code: 'GRIT_STORAGE_UNAVAILABLE', retry: true };
const FULL: Meaning = { code: 'GRIT_STORAGE_FULL', hint: 'Raise the quota of the account, or make room in it.' };
const SPOILT: Meaning = {
  code: 'GRIT_STORAGE_IO',
  retry: 'few',
  hint: 'What arrived was not what was sent: check the network and the proxies on the way.',
};
const ARCHIVED = UNSUITABLE(
  'The blob was moved to the archive tier: rehydrate it (az storage blob set-tier), and take the prefix out of the lifecycle rule.',
);
const OLD = UNSUITABLE(
  'The service is too old for what is asked of it: GRIT needs the version 2021-12-02 of the API, or a later one.',
);

const MEANINGS: Readonly<Partial<Record<string, Meaning>>> = {
  AuthenticationFailed: DENIED(KEYS),
  InvalidAuthenticationInfo: DENIED(KEYS),
  NoAuthenticationInformation: DENIED(KEYS),
  KeyBasedAuthenticationNotPermitted: DENIED(
    'The account forbids keys: leave accountKeyFrom and sasFrom out and use an identity.',
  ),
  AuthorizationPermissionMismatch: DENIED(RIGHTS),
  InsufficientAccountPermissions: DENIED(RIGHTS),
  AuthorizationFailure: DENIED(`Check the firewall of the account: it must let this machine in. ${RIGHTS}`),
  AuthorizationResourceTypeMismatch: DENIED(ACCOUNT_SAS),
  AuthorizationServiceMismatch: DENIED(ACCOUNT_SAS),
  AuthorizationProtocolMismatch: DENIED(ACCOUNT_SAS),
  AuthorizationSourceIPMismatch: DENIED(ACCOUNT_SAS),
  PublicAccessNotPermitted: DENIED(KEYS),
  AccountIsDisabled: DENIED('Ask whoever pays for the account.'),
  ContainerDisabled: DENIED('Ask whoever pays for the account.'),
  LeaseIdMissing: LEASED,
  LeaseIdMismatchWithBlobOperation: LEASED,
  LeaseIdMismatchWithContainerOperation: LEASED,
  ContainerNotFound: {
    code: 'GRIT_STORAGE_MISSING',
    hint: 'az storage container create makes it; else correct account, container and endpoint.',
  },
  ResourceNotFound: { code: 'GRIT_STORAGE_MISSING', hint: 'Correct account, container and endpoint.' },
  ContainerBeingDeleted: { code: 'GRIT_STORAGE_MISSING', hint: 'Wait until it is gone, and make it anew.' },
  BlobImmutableDueToPolicy: KEPT,
  BlobImmutableDueToLegalHold: KEPT,
  BlobOverwriteNotAllowedImmutabilityPolicy: KEPT,
  BlobArchived: ARCHIVED,
  BlobBeingRehydrated: ARCHIVED,
  InvalidBlobType: UNSUITABLE(
    'There is a page or append blob in its place, which is not ours: remove it, or use another prefix.',
  ),
  FeatureNotSupportedForAccount: UNSUITABLE('Use a general-purpose v2 or a premium block blob account.'),
  BlobTypeNotSupported: UNSUITABLE('Use a general-purpose v2 or a premium block blob account.'),
  FeatureVersionMismatch: OLD,
  UnsupportedHeader: OLD,
  UnsupportedHttpVerb: OLD,
  ServerBusy: BUSY,
  OperationTimedOut: BUSY,
  InternalError: BUSY,
  AccountBeingCreated: BUSY,
  PendingCopyOperation: BUSY,
  Md5Mismatch: SPOILT,
  Crc64Mismatch: SPOILT,
  InsufficientStorage: FULL,
  AccountLimitExceeded: FULL,
  RequestBodyTooLarge: FULL,
  BlockCountExceedsLimit: FULL,
  MaxBlobSizeConditionNotMet: FULL,
};

/** Whether it may be well the next time; `few`: tried again a few times only. */
export function isRetryable(refusal: Refusal): boolean | 'few' {
  return meaningOf(refusal).retry ?? false;
}

/** The error for an answer that ends the call. */
export function azureError(refusal: Refusal, action: AzureAction, cause?: unknown): GritError {
  const { code, hint } = meaningOf(refusal);
  const said = (refusal.detail ?? refusal.message).replace(/\.$/, '');
  const known = [action.reason, clockDifference(refusal, action.now)].filter((text) => text !== undefined);
  const reason = known.length === 0 ? '' : `: ${known.join('; ')}`;
  return new GritError(
    code,
    `${action.label}: ${action.what}: ${said}${said && ' '}(${refusal.code}, HTTP ${refusal.status})${reason}`,
    { cause, hint, details: { store: action.label, answer: refusal.code, status: refusal.status } },
  );
}

function meaningOf({ code, status, fromAzure }: Refusal): Meaning {
  const known = MEANINGS[code];
  if (known !== undefined && (fromAzure || status >= 429)) return known;
  if (status >= 500 || status === 429 || status === 408) return BUSY;
  if (!fromAzure) {
    return { code: 'GRIT_STORAGE_MISSING', hint: 'Correct endpoint: what answers there is no Azure Blob service.' };
  }
  if (status === 403 || status === 401) return DENIED(RIGHTS);
  return { code: 'GRIT_STORAGE_IO' };
}

/** Both clocks count: a signature is good for a quarter of an hour. */
function clockDifference({ status, serverTime }: Refusal, now: number): string | undefined {
  if ((status !== 401 && status !== 403) || serverTime === undefined) return undefined;
  const difference = now - serverTime;
  if (Math.abs(difference) < CLOCK_MS) return undefined;
  const minutes = Math.round(Math.abs(difference) / 60_000);
  return `the clock of this machine is ${minutes} min ${difference < 0 ? 'behind' : 'ahead'}`;
}
