// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** What the API server said, as far as it said something. */
export interface KubeErrorFacts {
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number;
  /** metav1.Status reason: NotFound, AlreadyExists, Conflict, Expired. */
  readonly reason?: string | undefined;
  /** What the server asks to wait before another try. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: unknown;
  readonly cause?: unknown;
}

/** A call that the API server refused, or did not answer. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(message: string, facts: KubeErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'KubeError';
    this.status = facts.status;
    this.reason = facts.reason ?? '';
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }

  get isAlreadyExists(): boolean {
    return this.status === 409 && this.reason === 'AlreadyExists';
  }

  /** A resourceVersion is too old: list again. */
  get isGone(): boolean {
    return this.status === 410;
  }

  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }

  get isTooManyRequests(): boolean {
    return this.status === 429;
  }

  /** The server does not answer, or says that it cannot just now. */
  get isUnavailable(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** The same for people: a code of the catalogue, with what to do. */
  toGritError(): GritError {
    if (this.isUnavailable || this.isTooManyRequests) {
      return new GritError('GRIT_KUBE_UNREACHABLE', this.message, { cause: this, retryable: true });
    }
    if (this.isForbidden) return new GritError('GRIT_KUBE_NOT_ALLOWED', this.message, { cause: this });
    return new GritError('GRIT_INTERNAL', this.message, { cause: this });
  }
}
