// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ACCOUNT, apiServer, STARTED } from './account.js';

const SILENCE_MS = 5_000;

/** Why the agent of this pod is not at work yet, by what it has published of its node; undefined when it is. */
export async function whyNotPublished(node: string): Promise<string | undefined> {
  const started = await stat(STARTED).catch(() => undefined);
  if (started === undefined) return 'the agent has not been started yet';
  const [token, ca] = await Promise.all(['token', 'ca.crt'].map((file) => readFile(join(ACCOUNT, file), 'utf8')));
  const url = `${apiServer()}/apis/kaito.sh/v1alpha1/gritnodes/${node}`;
  const headers = { authorization: `Bearer ${token}` };
  const request = get(url, { ca, headers, signal: AbortSignal.timeout(SILENCE_MS) });
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream & { readonly statusCode: number }];
  const body = await text(response);
  if (response.statusCode !== 200) return `the API server answers ${response.statusCode} for the GritNode ${node}`;
  const { status } = JSON.parse(body) as { readonly status?: { readonly publishedAt?: string } };
  const published = Date.parse(status?.publishedAt ?? '');
  return published >= Math.floor(started.mtimeMs) ? undefined : 'the agent has not published its node yet';
}
