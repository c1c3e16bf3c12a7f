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

/** What a request was proven with. */
export interface Proof {
  /** To be added to the query, encoded; empty: nothing. */
  readonly query: string;
  /** Another one for another token. */
  readonly generation: number;
}

/** Proves to the service who we are. */
export interface Authorizer {
  /** Adds headers. Throws GRIT_STORAGE_DENIED. */
  authorize(request: RequestToAuthorize, signal: AbortSignal): Promise<Proof>;
  /** After a refusal of a request: true when there is something new, with which the same may do. */
  renew(refusal: Refusal, generation: number, signal: AbortSignal): Promise<boolean>;
  /** What a refusal is about, where it is known better here than there; no secret. */
  explain(refusal: Refusal): string | undefined;
  /** For the parts of a batch, which the SDK signs by itself. */
  forBatch(signal: AbortSignal): Promise<{
    readonly credential: StorageSharedKeyCredential | AnonymousCredential | TokenCredential;
    /** Encoded. */
    readonly query: string;
  }>;
}
