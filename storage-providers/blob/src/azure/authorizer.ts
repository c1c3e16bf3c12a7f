// SPDX-License-Identifier: Apache-2.0
import type { AnonymousCredential, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { TokenCredential } from '@azure/identity';
import type { Refusal } from './refusal.js';

/** A request before it is sent. */
export interface RequestToAuthorize {
  readonly method: string;
  /** As on the request line: encoded, without query. */
  readonly path: string;
  /** Decoded. */
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case; what proves who we are is added here. */
  readonly headers: Record<string, string>;
  /** Bytes of the body. */
  readonly bodySize: number;
}

/** Proves to the service who we are. */
export interface Authorizer {
  /** Adds headers. Returns what is to be added to the query, encoded; empty: nothing. Throws GRIT_STORAGE_DENIED. */
  authorize(request: RequestToAuthorize, signal: AbortSignal): Promise<string>;
  /** After a refusal: true when it has got something new, with which the same request may do. */
  renew(refusal: Refusal, signal: AbortSignal): Promise<boolean>;
  /** What a refusal is about, where it is known better here than there; no secret. */
  explain(refusal: Refusal): string | undefined;
  /** For the parts of a batch, which the SDK signs by itself. */
  forBatch(signal: AbortSignal): Promise<{
    readonly credential: StorageSharedKeyCredential | AnonymousCredential | TokenCredential;
    /** Encoded. */
    readonly query: string;
  }>;
}
