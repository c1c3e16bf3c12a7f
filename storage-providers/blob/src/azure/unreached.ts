// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { Verdict } from '../retry/with-retries.js';
import { WireError } from '../wire/wire-error.js';

/** A name that nobody knows may be one that its server did not know just now. */
const UNKNOWN_NAME_TRIES = 3;

/** What a call means that got no answer. */
export function unreached(error: unknown, action: { readonly label: string; readonly what: string }): Verdict {
  const text = `${action.label}: ${action.what}: ${error instanceof Error ? error.message : String(error)}`;
  // A defect: it would fail again.
  if (!(error instanceof WireError)) {
    return { error: new GritError('GRIT_STORAGE_IO', text, { cause: error }), retry: false };
  }
  const untrusted = error.kind === 'tls';
  const unknownName = codeOf(error) === 'ENOTFOUND';
  return {
    error: new GritError('GRIT_STORAGE_UNAVAILABLE', text, {
      cause: error,
      hint: untrusted
        ? 'The certificate of the endpoint is not trusted, or there is no TLS: set caFrom to the certificates of its CA, or correct endpoint.'
        : unknownName
          ? 'Correct account or endpoint: nobody knows this name.'
          : 'Check account and endpoint in the configuration, and the way to it; the operation can be tried again.',
      details: { store: action.label },
    }),
    retry: !untrusted,
    ...(unknownName && { tries: UNKNOWN_NAME_TRIES }),
  };
}

function codeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined) return code;
  }
  return undefined;
}
