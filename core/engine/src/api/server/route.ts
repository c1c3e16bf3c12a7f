// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** What a route is given. */
export interface RouteCall {
  /** The value of the `:part` of the path. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Aborted when the caller has gone or the server ends. */
  readonly signal: AbortSignal;
}

/** One line of the table. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/v1/operations/:id/watch`: at most one part is a parameter. */
  readonly path: string;
  /** Most bytes of a body. */
  readonly limit?: number;
  readonly status?: number;
  /** An answer, or for a stream its lines. */
  readonly answer?: (call: RouteCall) => Promise<unknown>;
  readonly stream?: (call: RouteCall) => AsyncIterable<unknown>;
  /** Done when the answer is on its way. */
  readonly afterwards?: (call: RouteCall) => Promise<unknown>;
}

/** Finds the line for a request. */
export function findRoute(table: readonly Route[], method: string, path: string): { route: Route; id: string } {
  const parts = path.split('/');
  for (const route of table) {
    if (route.method !== method) continue;
    const pattern = route.path.split('/');
    const fits =
      pattern.length === parts.length &&
      pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]));
    if (!fits) continue;
    return { route, id: decode(parts[pattern.findIndex((part) => part.startsWith(':'))] ?? '') };
  }
  throw new GritError('GRIT_REQUEST_INVALID', `there is no ${method} ${path.slice(0, 200)}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new GritError('GRIT_REQUEST_INVALID', 'the path is not encoded well', { cause: error });
  }
}
