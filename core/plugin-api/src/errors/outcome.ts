// SPDX-License-Identifier: Apache-2.0

/**
 * What a kind of error means to each of the worlds that it is told to.
 * This is the one table: HTTP status, gRPC status, process exit code, CR condition and queue retry are read from here only.
 */
export interface ErrorOutcome {
  /** Exit code of `grit`. */
  readonly exit: number;
  /** HTTP status. */
  readonly http: number;
  /** Number of the gRPC status (https://grpc.io/docs/guides/status-codes/). */
  readonly grpc: number;
  /** `reason` of the condition in a custom resource. */
  readonly condition: string;
  /** Whether the queue delivers the job again: never, or with growing pauses. */
  readonly retry: 'never' | 'backoff';
}

/** The kinds of error, with their outcome. */
export const ERROR_OUTCOMES = {
  invalid: { exit: 2, http: 400, grpc: 3, condition: 'InvalidRequest', retry: 'never' },
  unauthorized: { exit: 9, http: 403, grpc: 7, condition: 'NotAllowed', retry: 'never' },
  'not-found': { exit: 3, http: 404, grpc: 5, condition: 'NotFound', retry: 'never' },
  conflict: { exit: 4, http: 409, grpc: 10, condition: 'Conflict', retry: 'never' },
  refused: { exit: 5, http: 422, grpc: 9, condition: 'Refused', retry: 'never' },
  failed: { exit: 6, http: 500, grpc: 13, condition: 'Failed', retry: 'never' },
  damaged: { exit: 7, http: 502, grpc: 15, condition: 'DataDamaged', retry: 'never' },
  exhausted: { exit: 8, http: 507, grpc: 8, condition: 'ResourceExhausted', retry: 'never' },
  unavailable: { exit: 10, http: 503, grpc: 14, condition: 'Unavailable', retry: 'backoff' },
  timeout: { exit: 11, http: 504, grpc: 4, condition: 'DeadlineExceeded', retry: 'backoff' },
  cancelled: { exit: 12, http: 499, grpc: 1, condition: 'Cancelled', retry: 'never' },
  fenced: { exit: 13, http: 412, grpc: 10, condition: 'Fenced', retry: 'never' },
  unsupported: { exit: 14, http: 501, grpc: 12, condition: 'Unsupported', retry: 'never' },
  internal: { exit: 1, http: 500, grpc: 13, condition: 'InternalError', retry: 'never' },
} as const satisfies Record<string, ErrorOutcome>;

/** The kind of an error. */
export type ErrorKind = keyof typeof ERROR_OUTCOMES;
