// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CopiedImage, PlatformApi } from '@grit/core';
import { isGritError } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';

/** What the catalog made of a copy; `unknown`: it has no such checkpoint, or another one of this id. */
export type NotedCopy = 'noted' | 'unknown' | 'no server';

/** Tells the catalog of a copy that was verified. A server is started where there is a catalog, and only there. */
export async function noteCopy(
  { session, stateDirectory }: CommandContext,
  storage: string,
  { checkpoint, digest, sourceDigest }: CopiedImage,
  signal: AbortSignal,
): Promise<NotedCopy> {
  const note = (api: PlatformApi) => api.addCopy(checkpoint, { storage, digest, of: sourceDigest }, signal);
  try {
    const there = existsSync(join(stateDirectory, 'catalog.db'));
    const record = there ? await session.call(note) : await session.callIfRunning(note);
    return record === undefined ? 'no server' : 'noted';
  } catch (error) {
    if (isGritError(error) && UNKNOWN.includes(error.code)) return 'unknown';
    throw error;
  }
}

const UNKNOWN: readonly string[] = [
  'GRIT_CHECKPOINT_NOT_FOUND',
  'GRIT_IDEMPOTENCY_CONFLICT',
  'GRIT_CATALOG_CONFLICT',
  'GRIT_CHECKPOINT_NOT_READY',
];
