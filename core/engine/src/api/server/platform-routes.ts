// SPDX-License-Identifier: Apache-2.0
import { checkName, GritError, type CheckpointCopy } from '@grit/plugin-api';
import type { PlatformApi } from '../platform-api.js';
import { isBoolean, isName, isPrintable, isWhole } from '../request/checks.js';
import { isObject } from '../request/object-check.js';
import { parseOperationRequest } from '../request/parse-operation-request.js';
import { checked } from './checked.js';
import type { Route, RouteCall } from './route.js';

const MOST_OPERATIONS = 10_000;

const isPin = isObject<{ pinned: boolean }>({ pinned: ['needed', isBoolean] });
const isCopy = isObject<CheckpointCopy & { readonly of: string }>({
  storage: ['needed', isName],
  digest: ['needed', isPrintable(1, 200)],
  of: ['needed', isPrintable(1, 200)],
});
const isCancel = isObject<{ reason: string }>({ reason: ['needed', isPrintable(0, 500)] });

/** The table of what users and the command line may ask. */
export function platformRoutes(platform: PlatformApi): readonly Route[] {
  const id = (call: RouteCall): string => checkName(call.id, 'id');
  return [
    {
      method: 'POST',
      path: '/v1/operations',
      status: 201,
      answer: async ({ body, signal }) => {
        const kind = (body as { readonly kind?: unknown } | null | undefined)?.kind;
        return platform.submit(parseOperationRequest(kind, body), signal);
      },
    },
    {
      method: 'GET',
      path: '/v1/operations',
      answer: async ({ query, signal }) =>
        platform.listOperations({ workload: nameIn(query, 'workload'), limit: limitIn(query) }, signal),
    },
    { method: 'GET', path: '/v1/operations/:id', answer: async (call) => platform.get(id(call), call.signal) },
    { method: 'GET', path: '/v1/operations/:id/watch', stream: (call) => platform.watch(id(call), call.signal) },
    {
      method: 'POST',
      path: '/v1/operations/:id/cancel',
      answer: async (call) => platform.cancel(id(call), checked(isCancel, call.body).reason, call.signal),
    },
    { method: 'GET', path: '/v1/workloads', answer: async ({ signal }) => platform.listWorkloads(signal) },
    { method: 'GET', path: '/v1/workloads/:name', answer: async (call) => platform.getWorkload(id(call), call.signal) },
    {
      method: 'GET',
      path: '/v1/checkpoints',
      answer: async ({ query, signal }) => platform.listCheckpoints({ workload: nameIn(query, 'workload') }, signal),
    },
    {
      method: 'GET',
      path: '/v1/checkpoints/:id',
      answer: async (call) => platform.getCheckpoint(id(call), call.signal),
    },
    {
      method: 'POST',
      path: '/v1/checkpoints/:id/pin',
      answer: async (call) => platform.pinCheckpoint(id(call), checked(isPin, call.body).pinned, call.signal),
    },
    {
      method: 'POST',
      path: '/v1/checkpoints/:id/copies',
      answer: async (call) => platform.addCopy(id(call), checked(isCopy, call.body), call.signal),
    },
    { method: 'GET', path: '/v1/nodes', answer: async ({ signal }) => platform.listNodes(signal) },
    { method: 'GET', path: '/v1/plugins', answer: async ({ signal }) => platform.listPlugins(signal) },
    { method: 'GET', path: '/v1/status', answer: async ({ signal }) => platform.status(signal) },
    {
      method: 'POST',
      path: '/v1/shutdown',
      status: 202,
      answer: async () => undefined,
      // The answer must be out before the server that sends it goes.
      afterwards: async () => platform.shutdown(new AbortController().signal),
    },
  ];
}

function nameIn(query: URLSearchParams, key: string): string | undefined {
  const value = query.get(key);
  return value === null ? undefined : checkName(value, key);
}

function limitIn(query: URLSearchParams): number | undefined {
  const value = query.get('limit');
  if (value === null) return undefined;
  const problems: string[] = [];
  const limit = isWhole(1, MOST_OPERATIONS)(/^\d{1,9}$/.test(value) ? Number(value) : value, 'limit', problems);
  if (problems.length > 0) throw new GritError('GRIT_REQUEST_INVALID', problems.join('; '));
  return limit;
}
