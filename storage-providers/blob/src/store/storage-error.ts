// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type ErrorCode } from '@grit/plugin-api';

/** What an error is about. */
export interface StoredPlace {
  readonly checkpoint?: string | undefined;
  /** The part's name, or `manifest.json`. */
  readonly part?: string | undefined;
}

/** A GritError that names store, checkpoint and part. */
export function raise(code: ErrorCode, what: string, store: string, place: StoredPlace, cause?: unknown): GritError {
  return new GritError(code, `store ${store}${textOf(place)}: ${what}`, { cause, details: detailsOf(store, place) });
}

/** The same error, and it names the part: those who move bytes know keys only. */
export function naming(error: unknown, store: string, place: StoredPlace): unknown {
  if (!isGritError(error) || error.details?.part !== undefined) return error;
  const { code, hint, retryable, details } = error;
  return new GritError(code, `store ${store}${textOf(place)}: ${error.message}`, {
    cause: error,
    hint,
    retryable,
    details: { ...details, ...detailsOf(store, place) },
  });
}

function textOf({ checkpoint, part }: StoredPlace): string {
  const place = [part && `part ${part}`, checkpoint && `checkpoint ${checkpoint}`].filter(Boolean).join(' of ');
  return place && `, ${place}`;
}

function detailsOf(store: string, { checkpoint, part }: StoredPlace): Record<string, string> {
  return { store, ...(checkpoint && { checkpoint }), ...(part && { part }) };
}
