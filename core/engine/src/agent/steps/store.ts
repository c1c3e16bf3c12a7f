// SPDX-License-Identifier: Apache-2.0
import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Packer,
  commitPacked,
  findWritten,
  loadPacked,
  openImage,
  verifyImage,
  type PackedImage,
  type WrittenImage,
} from '@grit/image';
import { GritError, type Json } from '@grit/plugin-api';
import { openKnownImages } from '../known-images.js';
import { openPackPlace } from '../pack-place.js';
import { readSealed } from '../sealed-file.js';
import { storageOf, type StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';
import type { SealedDump } from './dump.js';

/** Puts a packed dump into the store and commits it. */
export const store: StepHandler<{
  readonly checkpoint: string;
  readonly storage: string;
  readonly parent: string | null;
}> = async ({ checkpoint, storage, parent }, context) => {
  const watch = new Stopwatch();
  const directory = context.directories.dump(checkpoint);
  const sealed = await readSealed<SealedDump>(join(directory, 'dump.json'));
  const packed = sealed && (await loadPacked(directory));
  if (sealed === undefined || packed === undefined) throw dumpIsGone(checkpoint, context.node);
  // All of it is in the packs. Not removed any earlier: while the dump is made the workload stands still.
  await rm(join(directory, 'image'), { recursive: true, force: true });
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
  const provider = storageOf(context, storage);
  const place = await openPackPlace(provider, checkpoint, directory, context.signal);
  let written: WrittenImage | undefined;
  if (await hasPacks(place.directory, packed)) {
    await Packer.makeDurable(place.directory, packed.packs, context.signal);
    written = await commitPacked(place.writer, place.directory, packed, facts, {
      ...context,
      keep: true,
      keys: provider.keys,
    });
  } else {
    // The commit takes them away: an agent may have died between it and its report.
    await place.writer.abort(context.signal);
    written = await findWritten(provider, facts, context.signal);
  }
  if (written === undefined) throw dumpIsGone(checkpoint, context.node);
  watch.lap('store');
  const { digest, size, manifest } = written;
  return { manifestDigest: digest, size, bytes: { ...manifest.bytes }, timings: watch.timings as unknown as Json };
};

async function hasPacks(directory: string, { packs }: PackedImage): Promise<boolean> {
  const own = packs.filter((pack) => pack.own);
  const there = await Promise.allSettled(own.map(({ name }) => lstat(join(directory, name))));
  return there.every(({ status }) => status === 'fulfilled');
}

function dumpIsGone(checkpoint: string, node: string): GritError {
  return new GritError('GRIT_DUMP_FAILED', `the dump of checkpoint ${checkpoint} is not on node ${node} any more`);
}

/** Reads the stored image back whole; what was kept on the node for it goes. */
export const verify: StepHandler<{
  readonly checkpoint: string;
  readonly storage: string;
  readonly manifestDigest: string;
  /** Images of the same storage that this node has read back already. */
  readonly proven?: readonly string[];
}> = async ({ checkpoint, storage, manifestDigest, proven = [] }, context) => {
  const watch = new Stopwatch();
  const provider = storageOf(context, storage);
  const reader = await openImage(provider, checkpoint, context.signal);
  requireDigest(reader.digest, manifestDigest, checkpoint);
  const directory = context.directories.dump(checkpoint);
  await verifyImage(reader, {
    ...context,
    proven: await openKnownImages(provider, proven, context),
    readBack: (await loadPacked(directory))?.packs,
  });
  await rm(directory, { recursive: true, force: true });
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
