// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** For name, connection, identity and answer together. Milliseconds. */
const LONGEST_MS = 20_000;

/**
 * The first question to a service, by somebody who waits for the answer. Throws GRIT_STORAGE_UNAVAILABLE when there is none after a while,
 * whatever it is that hangs.
 */
export async function firstAnswer<T>(
  place: { readonly label: string; readonly endpoint: string },
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
  longestMs = LONGEST_MS,
): Promise<T> {
  const late = AbortSignal.timeout(longestMs);
  try {
    return await ask(AbortSignal.any([signal, late]));
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    throw new GritError(
      'GRIT_STORAGE_UNAVAILABLE',
      `${place.label}: ${place.endpoint} gave no answer within ${Math.ceil(longestMs / 1000)} s`,
      {
        cause: error,
        hint: 'Check the endpoint in the configuration, firewalls and proxies on the way, and that the service runs.',
        details: { store: place.label, endpoint: place.endpoint },
      },
    );
  }
}
