// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { WireError } from '../wire/wire-error.js';
import type { Verdict } from './with-retries.js';

/** Certificates that are not good do not get better. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|ERR_SSL_|EPROTO$)/;
const TIMEOUTS = ['TimeoutError', 'RequestTimeout'];
/** Tries of what may be a defect, or the wrong server. */
const FEW = 4;
/** A name that nobody knows may be one that its server did not know just now. */
const UNKNOWN_NAME_TRIES = 3;

/** What a call means that got no answer, over our connections or those of an SDK. */
export function unreached(
  error: unknown,
  action: { readonly label: string; readonly what: string; readonly endpoint: string },
): Verdict {
  const cause = rootOf(error);
  const { code, name, message } = cause as NodeJS.ErrnoException;
  const wire = error instanceof WireError ? error.kind : undefined;
  const said = error instanceof WireError && cause !== error ? `${error.message}: ` : '';
  const text = `${action.label}: ${action.what}: ${said}${message.split('\n')[0] || code || name}`;
  // Anything else is a defect, here or in the SDK: it would fail again.
  if (wire === undefined && code === undefined && !TIMEOUTS.includes(name)) {
    return { error: new GritError('GRIT_STORAGE_IO', text, { cause: error }), retry: false };
  }
  const untrusted = wire === 'tls' || (code !== undefined && UNTRUSTED.test(code));
  const unknownName = code === 'ENOTFOUND';
  return {
    error: new GritError('GRIT_STORAGE_UNAVAILABLE', text, {
      cause: error,
      hint: untrusted
        ? `The certificate of ${action.endpoint} is not trusted, or it does not speak TLS: set caFrom to the certificates of its CA, or correct the endpoint.`
        : unknownName
          ? `Correct the endpoint, or the name that it is made of: nobody knows the host of ${action.endpoint}.`
          : `Check the endpoint in the configuration, which is ${action.endpoint}, and the way to it; the operation can be tried again.`,
      details: { store: action.label, endpoint: action.endpoint, answer: code ?? wire ?? name },
    }),
    retry: !untrusted,
    ...(wire === 'protocol' && { tries: FEW }),
    ...(unknownName && { tries: UNKNOWN_NAME_TRIES }),
  };
}

/** The innermost that says something: connecting to several addresses fails with all of their errors. */
function rootOf(error: unknown): unknown {
  const { errors, cause } = error as { readonly errors?: readonly unknown[]; readonly cause?: unknown };
  if (errors?.[0] instanceof Error) return errors[0];
  return cause instanceof Error ? rootOf(cause) : error;
}
