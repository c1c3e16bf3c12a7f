// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { outcomeOf, toGritError, type GritError } from '@grit/plugin-api';
import { REQUEST_LIMIT } from '../request/parse-operation-request.js';
import { readBody } from './read-body.js';
import { findRoute, type Route } from './route.js';
import { streamLines } from './stream-lines.js';

/** Handles one request; an error is the caller's answer. Returns an error that is a defect of ours, for the log. */
export async function answer(
  table: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly ending: AbortSignal; readonly heartbeatMs: number },
): Promise<GritError | undefined> {
  const { ending } = options;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const url = new URL(request.url ?? '/', 'http://grit');
    const { route, id } = findRoute(table, request.method ?? '', url.pathname);
    const body = request.method === 'POST' ? await readBody(request, route.limit ?? REQUEST_LIMIT) : undefined;
    // A stream has no end of its own; everything else may finish when the server ends.
    const signal = route.stream === undefined ? gone.signal : AbortSignal.any([gone.signal, ending]);
    const call = { id, query: url.searchParams, body, signal };
    if (route.stream !== undefined)
      await streamLines(route.stream(call), response, { signal, heartbeatMs: options.heartbeatMs });
    else sendJson(response, route.status ?? 200, await route.answer?.(call), ending);
    if (route.afterwards !== undefined) {
      const later = route.afterwards;
      response.once('close', () => void later(call).catch(() => undefined));
    }
    return undefined;
  } catch (thrown) {
    const error = toGritError(thrown);
    if (response.headersSent || response.destroyed) response.destroy();
    else {
      // What is left of a body that was not read must not be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      sendJson(response, outcomeOf(error.code).http, error.toJSON(), ending);
    }
    return error.code === 'GRIT_INTERNAL' ? error : undefined;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown, ending: AbortSignal): void {
  if (ending.aborted) response.setHeader('connection', 'close');
  if (value === undefined) {
    response.writeHead(status === 200 ? 204 : status).end();
    return;
  }
  const text = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
