// SPDX-License-Identifier: Apache-2.0
import { GritError, type ImageStorageWriter } from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import { packObject } from '../format/object-names.js';
import type { UsedPack } from '../pack/packed-image.js';
import { inLanes } from '../stream/in-lanes.js';
import { throwIfAborted } from '../stream/until-aborted.js';

const OBJECTS_AT_A_TIME = 4;

/**
 * Makes packs of other images objects of this one. The store holds them since they were adopted, whoever wrote this image then; what
 * it has lost all the same is adopted once more. Throws GRIT_IMAGE_BASE_GONE for what is not there any more, and errors of the storage.
 */
export async function putBorrowed(
  writer: ImageStorageWriter,
  packs: readonly UsedPack[],
  signal: AbortSignal,
): Promise<void> {
  const lost = await withoutPut(
    writer,
    packs.filter(({ own }) => !own),
    signal,
  );
  for (const image of new Set(lost.map((pack) => pack.image))) {
    const names = lost.filter((pack) => pack.image === image).map(({ name }) => packObject(name));
    if (image !== undefined) await writer.adopt?.(image, names, signal);
  }
  const [gone] = await withoutPut(writer, lost, signal);
  if (gone !== undefined) throw baseGone(gone);
}

/** Those that the writer does not hold, in their order. */
async function withoutPut(
  writer: ImageStorageWriter,
  packs: readonly UsedPack[],
  signal: AbortSignal,
): Promise<UsedPack[]> {
  const done = new Set<UsedPack>();
  await inLanes(packs.length, OBJECTS_AT_A_TIME, async (index) => {
    const pack = packs[index];
    if (pack === undefined) return;
    throwIfAborted(signal);
    const object = packObject(pack.name);
    try {
      if ((await writer.putAdopted?.(object, signal)) === true) done.add(pack);
    } catch (error) {
      throw namingPart(error, object);
    }
  });
  return packs.filter((pack) => !done.has(pack));
}

function baseGone({ name, image }: UsedPack): GritError {
  const whose = image === undefined ? 'another image' : `checkpoint ${image}`;
  return new GritError('GRIT_IMAGE_BASE_GONE', `pack ${name} of ${whose} is not in the store any more`, {
    details: { part: packObject(name), ...(image !== undefined && { base: image }) },
  });
}
