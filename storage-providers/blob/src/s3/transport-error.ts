// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { Verdict } from '../retry/with-retries.js';
import { WireError } from '../wire/wire-error.js';

/** Certificates that are not good do not get better. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|ERR_SSL_|EPROTO$)/;
const TIMEOUTS = ['TimeoutError', 'RequestTimeout'];
/** Tries of what may be a defect, or the wrong server. */
const FEW = 4;

/** What a call means that got no answer, over our connections or those of the SDK. */
export function transportError(error: unknown, action: { readonly label: string; readonly what: string }): Verdict {
  const cause = rootOf(error);
  const { code, name, message } = cause as NodeJS.ErrnoException;
  const wire = error instanceof WireError ? error.kind : undefined;
  const untrusted = code !== undefined && UNTRUSTED.test(code);
  const said = error instanceof WireError && cause !== error ? `${error.message}: ` : '';
  const text = `${action.label}: ${action.what}: ${said}${message.split('\n')[0] || code || name}`;
  // Anything else is a defect, here or in the SDK: it would fail again.
  if (wire === undefined && code === undefined && !TIMEOUTS.includes(name)) {
    return { error: new GritError('GRIT_STORAGE_IO', text, { cause: error }), retry: false };
  }
  return {
    error: new GritError('GRIT_STORAGE_UNAVAILABLE', text, {
      cause: error,
      hint:
        untrusted || wire === 'tls'
          ? 'The certificate of the endpoint is not trusted, or it does not speak TLS: set caFrom to the certificates of its CA, or correct the endpoint.'
          : 'Check the endpoint in the configuration, and the way to it; the operation can be tried again.',
      details: { store: action.label, answer: code ?? wire ?? name },
    }),
    retry: !untrusted,
    ...((wire === 'protocol' || wire === 'tls') && { tries: FEW }),
  };
}

/** The innermost that says something: connecting to several addresses fails with all of their errors. */
function rootOf(error: unknown): unknown {
  const { errors, cause } = error as { readonly errors?: readonly unknown[]; readonly cause?: unknown };
  if (errors?.[0] instanceof Error) return errors[0];
  return cause instanceof Error ? rootOf(cause) : error;
}
