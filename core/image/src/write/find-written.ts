// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type StorageProvider } from '@grit/plugin-api';
import { canonicalJson } from '../format/canonical-json.js';
import type { ImageFacts, ImageManifest } from '../format/image-manifest.js';
import { openImage } from '../read/open-image.js';
import type { WrittenImage } from './written-image.js';

/**
 * The image that an earlier call has committed with these facts; undefined when there is none. For a step that may be repeated: two
 * packers never make the same packs, so a second commit would be refused.
 * Errors: GRIT_IDEMPOTENCY_CONFLICT when it has other facts; those of `openImage`.
 */
export async function findWritten(
  provider: StorageProvider,
  facts: ImageFacts,
  signal: AbortSignal,
): Promise<WrittenImage | undefined> {
  const reader = await openImage(provider, facts.checkpoint, signal).catch((error: unknown) => {
    if (isGritError(error) && ABSENT.includes(error.code)) return undefined;
    throw error;
  });
  if (reader === undefined) return undefined;
  const { manifest, digest, size } = reader;
  if (factsOf(manifest) === factsOf(facts)) {
    const bytes = await reader.storage.manifest(signal);
    // The one who committed it may have crashed before it was durable.
    await (await provider.begin(facts.checkpoint, signal)).commit(bytes, signal);
    return { manifest, bytes, digest, size };
  }
  throw new GritError(
    'GRIT_IDEMPOTENCY_CONFLICT',
    `checkpoint ${facts.checkpoint} was committed with another manifest`,
    { details: { checkpoint: facts.checkpoint } },
  );
}

const ABSENT: readonly string[] = ['GRIT_CHECKPOINT_NOT_FOUND', 'GRIT_IMAGE_MANIFEST_MISSING'];

/** True for images of one checkpoint with the same facts and parts, however each was packed. */
export function isSameCheckpoint(a: ImageManifest, b: ImageManifest): boolean {
  const partsOf = ({ parts }: ImageManifest): string =>
    canonicalJson(parts.map(({ name, kind, size }) => [name, kind, size]));
  return factsOf(a) === factsOf(b) && partsOf(a) === partsOf(b);
}

function factsOf(image: ImageFacts | ImageManifest): string {
  const { checkpoint, workload, node, createdAt, runtime, facts, timings, parent } = image;
  return canonicalJson({ checkpoint, workload, node, createdAt, runtime, facts, timings, parent });
}
