// SPDX-License-Identifier: Apache-2.0
import { brand, hasBrand } from '../brand.js';
import type { Json, JsonObject } from '../json.js';
import { ERRORS, isErrorCode, type ErrorCode } from './catalogue.js';
import { ERROR_OUTCOMES, type ErrorOutcome } from './outcome.js';

/** Where a code is explained. */
const DOCS = 'docs/reference/errors.md';

/** What a GritError can carry beside code and message. */
export interface GritErrorOptions {
  /** What the user can do; without it the catalogue's hint is used. */
  readonly hint?: string | undefined;
  /** What led to it: kept as it is in this process, as text across processes. */
  readonly cause?: unknown;
  /** Facts for programs: pid, fd, part, file, line. Never a secret. */
  readonly details?: JsonObject | undefined;
  /** Overrides the catalogue where the place that throws knows better. */
  readonly retryable?: boolean | undefined;
}

/** A GritError as JSON: in a job, over HTTP, in the catalog. */
export interface SerializedGritError extends JsonObject {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly docs: string;
  readonly details?: JsonObject;
  /** The chain of causes, outermost first. */
  readonly causes?: readonly string[];
}

/** The only kind of error that leaves a package. */
export class GritError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;
  readonly details: JsonObject | undefined;
  /** Anchor in the reference of errors. */
  readonly docs: string;
  /** Causes that came as text from another process. */
  readonly remoteCauses: readonly string[];

  constructor(code: ErrorCode, message: string, options: GritErrorOptions & { remoteCauses?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GritError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.retryable = options.retryable ?? outcomeOf(code).retry !== 'never';
    this.details = options.details;
    this.docs = `${DOCS}#${code.toLowerCase()}`;
    this.remoteCauses = options.remoteCauses ?? [];
    brand(this, 'error');
  }

  toJSON(): SerializedGritError {
    const causes = causesOf(this);
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
      docs: this.docs,
      ...(this.details === undefined ? {} : { details: this.details }),
      ...(causes.length === 0 ? {} : { causes }),
    };
  }

  /** The error that `toJSON` wrote; a code of a later version becomes GRIT_INTERNAL with its code kept in the message. */
  static fromJSON(json: SerializedGritError): GritError {
    const known = isErrorCode(json.code);
    return new GritError(known ? json.code : 'GRIT_INTERNAL', known ? json.message : `${json.code}: ${json.message}`, {
      hint: json.hint,
      retryable: json.retryable,
      details: json.details,
      remoteCauses: json.causes ?? [],
    });
  }
}

/** The row of the table for a code. */
export function outcomeOf(code: ErrorCode): ErrorOutcome {
  return ERROR_OUTCOMES[ERRORS[code].kind];
}

/** True for a GritError of any installed copy of this package. */
export function isGritError(value: unknown): value is GritError {
  return hasBrand(value, 'error');
}

/** True for something that `GritError.toJSON` wrote. */
export function isSerializedGritError(value: unknown): value is SerializedGritError {
  const json = value as Partial<Record<string, Json>> | null;
  return typeof json === 'object' && json !== null && typeof json.code === 'string' && typeof json.message === 'string';
}

/** Keeps a GritError, takes an abort for what it is, and wraps everything else. */
export function toGritError(value: unknown, code: ErrorCode = 'GRIT_INTERNAL', message?: string): GritError {
  if (isGritError(value)) return value;
  if (value instanceof Error && value.name === 'AbortError') {
    return new GritError('GRIT_ABORTED', value.message, { cause: value });
  }
  return new GritError(code, message ?? (value instanceof Error ? value.message : String(value)), { cause: value });
}

function causesOf(error: GritError): string[] {
  const causes: string[] = [];
  for (
    let cause = error.cause;
    cause !== undefined && causes.length < 8;
    cause = (cause as { cause?: unknown }).cause
  ) {
    if (!(cause instanceof Error)) {
      causes.push(typeof cause === 'string' ? cause : JSON.stringify(cause));
      break;
    }
    causes.push(isGritError(cause) ? `${cause.code}: ${cause.message}` : cause.message);
    if (isGritError(cause)) causes.push(...cause.remoteCauses);
  }
  return [...causes, ...error.remoteCauses];
}
