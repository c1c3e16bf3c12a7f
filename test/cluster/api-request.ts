// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** How to reach an API server and as whom. */
export interface ApiAccess {
  readonly server: string;
  /** File with the certificates that it is checked by. */
  readonly authority: string;
  readonly token: string;
}

/** Status code of a GET; undefined when there is no answer. */
export function getStatus({ server, authority, token }: ApiAccess, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = request(
      `${server}${path}`,
      { ca: readFileSync(authority), agent: false, timeout: 5_000, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume();
        response.once('close', () => resolve(response.statusCode));
      },
    );
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(undefined));
    call.end();
  });
}
