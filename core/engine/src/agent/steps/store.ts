// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openImage, storeImage, verifyImage } from '@grit/image';
import { GritError, type Json } from '@grit/plugin-api';
import { readSealed } from '../sealed-file.js';
import { storageOf, type StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';
import type { SealedDump } from './dump.js';

/** Puts a sealed dump into the store and commits it. */
export const store: StepHandler<{
  readonly checkpoint: string;
  readonly storage: string;
  readonly parent: string | null;
}> = async ({ checkpoint, storage, parent }, context) => {
  const watch = new Stopwatch();
  const sealed = await readSealed<SealedDump>(join(context.directories.dump(checkpoint), 'dump.json'));
  if (sealed === undefined) {
    throw new GritError(
      'GRIT_DUMP_FAILED',
      `the dump of checkpoint ${checkpoint} is not on node ${context.node} any more`,
    );
  }
  const writer = await storageOf(context, storage).begin(checkpoint, context.signal);
  // Nothing here may differ when the step is repeated: a commit with another manifest is refused.
  const facts = {
    checkpoint,
    workload: sealed.workload,
    node: context.node,
    createdAt: sealed.createdAt,
    runtime: sealed.held.runtime,
    facts: sealed.held.facts,
    timings: sealed.held.timings,
    parent: parent ?? undefined,
  };
  const stored = await storeImage(writer, sealed.parts, facts, context);
  watch.lap('store');
  return { manifestDigest: stored.digest, size: stored.size, timings: watch.timings as unknown as Json };
};

/** Reads the stored image back whole; what was kept on the node for it goes. */
export const verify: StepHandler<{
  readonly checkpoint: string;
  readonly storage: string;
  readonly manifestDigest: string;
}> = async ({ checkpoint, storage, manifestDigest }, context) => {
  const watch = new Stopwatch();
  const reader = await openImage(storageOf(context, storage), checkpoint, context.signal);
  requireDigest(reader.digest, manifestDigest, checkpoint);
  await verifyImage(reader, context);
  await rm(context.directories.dump(checkpoint), { recursive: true, force: true });
  watch.lap('verify');
  return { timings: watch.timings as unknown as Json };
};

/** Refuses an image that is not the one that the catalog knows. */
export function requireDigest(found: string, expected: string, checkpoint: string): void {
  if (found === expected) return;
  throw new GritError(
    'GRIT_IMAGE_MANIFEST_INVALID',
    `the manifest of checkpoint ${checkpoint} is not the one that was stored`,
    {
      details: { part: 'manifest.json', expected, found },
    },
  );
}
