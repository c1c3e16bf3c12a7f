// SPDX-License-Identifier: Apache-2.0
import { API_VERSION, type OperationRequest } from '@grit/plugin-api';
import type { Invocation } from '../arguments/invocation.js';
import type { CommandContext } from '../command-context.js';
import { isForPrograms, printDocument } from '../output/print-document.js';
import { makeKey } from './make-key.js';
import { openProgressView } from './progress-view.js';
import { reportOperation } from './report-operation.js';
import { watchOperation, type WatchedOperation } from './watch-operation.js';

/** A request without what every request of the command line has. */
export type Wanted = OperationRequest extends infer Request
  ? Request extends OperationRequest
    ? Omit<Request, 'apiVersion' | 'idempotencyKey' | 'requestedBy'>
    : never
  : never;

/** Submits a request and returns the operation's id; a submission whose answer is lost is made again under the same key. */
async function submit(context: CommandContext, wanted: Wanted, key = makeKey()): Promise<string> {
  const request = { ...wanted, apiVersion: API_VERSION, idempotencyKey: key, requestedBy: 'cli' } as OperationRequest;
  const { signal } = new AbortController();
  const { id } = await context.session.callWithNode((api) => api.submit(request, signal));
  return id;
}

/** Submits a request and follows it to its end, showing progress. */
export async function follow(context: CommandContext, wanted: Wanted, key?: string): Promise<WatchedOperation> {
  const id = await submit(context, wanted, key);
  const view = openProgressView(context.terminal, isForPrograms(context.format));
  return await watchOperation(context.session, id, view);
}

/** What most commands do: submit, follow (unless `--no-wait`), report. */
export async function runOperation(invocation: Invocation, context: CommandContext, wanted: Wanted): Promise<number> {
  const key = invocation.text('key');
  if (invocation.has('no-wait')) {
    const id = await submit(context, wanted, key);
    if (!printDocument(context.terminal, context.format, { id })) context.terminal.out(`${id}\n`);
    return 0;
  }
  return reportOperation(await follow(context, wanted, key), context);
}
