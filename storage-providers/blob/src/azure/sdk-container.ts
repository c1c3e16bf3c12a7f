// SPDX-License-Identifier: Apache-2.0
import type { ContainerClient, RequestPolicy, WebResource, HttpOperationResponse } from '@azure/storage-blob';
import { Readable } from 'node:stream';
import type { AzureAccess, AzureRequest } from './azure-access.js';
import type { Sdk } from './load-sdk.js';

const MIB = 1024 * 1024;
/** A page of a listing, or the answers of a batch. */
const LONGEST_BODY = 32 * MIB;
/** What belongs to the connection, or is made by those who send and sign. */
const NOT_OURS = /^(host|connection|accept-encoding|content-length|transfer-encoding|authorization|x-ms-date)$/;

/**
 * The SDK's client, which knows how lists and batches are written and read. Its requests go the way of all others: signed, checked and
 * refused by {@link AzureAccess}; it tries nothing again.
 */
export function sdkContainer(sdk: Sdk, access: AzureAccess): ContainerClient {
  const { endpoint, container } = access.place;
  const httpClient: Pick<RequestPolicy, 'sendRequest'> = {
    sendRequest: async (resource) => {
      const signal = (resource.abortSignal as AbortSignal | undefined) ?? new AbortController().signal;
      const answer = await access.send(requestOf(resource), signal);
      return answerOf(resource, answer.status, answer.headers, Buffer.from(answer.body));
    },
  };
  const pipeline = sdk.newPipeline(new sdk.AnonymousCredential(), { httpClient, retryOptions: { maxTries: 1 } });
  return new sdk.ContainerClient(`${endpoint}/${container}`, pipeline);
}

function requestOf(resource: WebResource): AzureRequest {
  const { pathname, searchParams } = new URL(resource.url);
  const given = resource.headers.headersArray().map(({ name, value }) => [name.toLowerCase(), value] as const);
  const body: unknown = resource.body;
  return {
    method: resource.method as AzureRequest['method'],
    path: pathname,
    query: new Map(searchParams),
    headers: Object.fromEntries(given.filter(([name]) => !NOT_OURS.test(name))),
    ...(typeof body === 'string' && { body: Buffer.from(body) }),
    bodyLimit: LONGEST_BODY,
  };
}

function answerOf(
  resource: WebResource,
  status: number,
  given: ReadonlyMap<string, string>,
  body: Buffer,
): HttpOperationResponse {
  const headers = resource.headers.clone();
  for (const name of headers.headerNames()) headers.remove(name);
  for (const [name, value] of given) headers.set(name, value);
  // Answers to a batch are read as a stream.
  const multipart = given.get('content-type')?.startsWith('multipart/') === true;
  return {
    status,
    headers,
    request: resource,
    ...(multipart ? { readableStreamBody: Readable.from([body]) } : { bodyAsText: body.toString('utf8') }),
  };
}
