// SPDX-License-Identifier: Apache-2.0
import { API_VERSION, GritError, type OperationKind, type OperationRequest } from '@grit/plugin-api';
import { isPlainObject } from './checks.js';
import { REQUEST_CHECKS } from './request-checks.js';

/** Bytes of a request as JSON. */
export const REQUEST_LIMIT = 65_536;
const MOST_PROBLEMS = 20;

/**
 * Turns what came from outside into a request, a new object with nothing else in it. `kind` is the name of the job, or the
 * request's own; the data may repeat it.
 * Errors: GRIT_REQUEST_TOO_LARGE, GRIT_REQUEST_VERSION, GRIT_REQUEST_INVALID with all problems.
 */
export function parseOperationRequest(kind: unknown, data: unknown): OperationRequest {
  if (sizeOf(data) > REQUEST_LIMIT) {
    throw new GritError('GRIT_REQUEST_TOO_LARGE', `the request has more than ${REQUEST_LIMIT} bytes`);
  }
  if (!isPlainObject(data)) throw invalid(['request: is not an object']);
  if (typeof data.apiVersion === 'string' && data.apiVersion !== API_VERSION) {
    const found = JSON.stringify(data.apiVersion.slice(0, 80));
    throw new GritError('GRIT_REQUEST_VERSION', `apiVersion: ${found} is not ${API_VERSION}`, {
      details: { field: 'apiVersion' },
    });
  }
  if (!isKind(kind)) {
    throw invalid([
      `kind: ${typeof kind === 'string' ? JSON.stringify(kind.slice(0, 80)) : 'nothing'} is not one of ${Object.keys(REQUEST_CHECKS).join(', ')}`,
    ]);
  }
  const problems: string[] = [];
  const request = REQUEST_CHECKS[kind]({ ...data, kind: data.kind ?? kind }, '', problems);
  if (problems.length > 0) throw invalid(problems);
  return request;
}

function isKind(kind: unknown): kind is OperationKind {
  return typeof kind === 'string' && Object.hasOwn(REQUEST_CHECKS, kind);
}

function sizeOf(data: unknown): number {
  try {
    // In a list, so that even nothing has a text.
    return Buffer.byteLength(JSON.stringify([data])) - 2;
  } catch {
    throw invalid(['request: cannot be written as JSON']);
  }
}

function invalid(problems: readonly string[]): GritError {
  const shown = problems.slice(0, MOST_PROBLEMS);
  const rest = problems.length - shown.length;
  return new GritError('GRIT_REQUEST_INVALID', [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join('; '), {
    details: { problems: shown },
  });
}
