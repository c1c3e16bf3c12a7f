// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { ImageCallOptions } from '../image-call-options.js';
import type { UsedPack } from '../pack/packed-image.js';
import { ByteMeter } from '../stream/byte-meter.js';
import { isDamage, packDamageAt } from './chunk-damage.js';
import type { ImageReader } from './image-reader.js';
import { loadImage, type LoadedImage } from './loaded-image.js';
import { markReadBack } from './packs-read-back.js';
import { planTasks } from './plan-tasks.js';
import { provenRows } from './proven-rows.js';
import { ReadCall } from './read-call.js';
import { runTasks } from './run-tasks.js';
import { verifyPack } from './verify-pack.js';

/** Options of {@link verifyImage}. */
export interface VerifyOptions {
  /** Only what costs little: the table, and of each pack its size and its index. Default false: all bytes that are used. */
  readonly fast?: boolean | undefined;
  /** Images that were read back a moment ago: chunks that this one shares with them, at the same place, are not read again. */
  readonly proven?: readonly ImageReader[] | undefined;
  /** Packs as the packer of this image gave them: files that it has read back, and that are the store's own now, are not read again. */
  readonly readBack?: readonly UsedPack[] | undefined;
}

/**
 * Reads everything back and checks it; nothing that the store has is believed. The first damaged part ends it, named in the error.
 * Errors: those of {@link ImageReader}; GRIT_ABORTED.
 */
export async function verifyImage(
  reader: ImageReader,
  { signal, onProgress, fast, proven = [], readBack = [] }: ImageCallOptions & VerifyOptions,
): Promise<void> {
  const call = new ReadCall(signal);
  const meter = new ByteMeter('verify', reader.size, onProgress);
  const image = await loadImage(reader, signal);
  const verify = async (pack: number): Promise<void> =>
    verifyPack(image, pack).catch((error: unknown) => {
      throw isDamage(error) ? namingUser(image, pack, error) : error;
    });
  await call.each(image.manifest.packs.keys(), verify, image.packs.lanes);
  if (fast === true) return;
  meter.add(bytesWhere(image.table, (row) => image.table.readUInt32LE(row * ROW_BYTES + 40) === NO_PACK));
  const known = await provenRows(image, proven, signal);
  await markReadBack(image, readBack, known);
  meter.add(bytesWhere(image.table, (row) => known[row] === 1));
  await runTasks(call, image, planTasks(image.table, image.manifest.packs.length, known), {
    onRows: (rows) => rows.forEach((row) => meter.add(image.table.readUInt32LE(row * ROW_BYTES + 32))),
  });
  meter.finish();
}

/** Logical bytes of these rows. */
function bytesWhere(table: Buffer, wanted: (row: number) => boolean): number {
  let bytes = 0;
  for (let row = 0; row * ROW_BYTES < table.length; row++) {
    if (wanted(row)) bytes += table.readUInt32LE(row * ROW_BYTES + 32);
  }
  return bytes;
}

/** The error for a pack, with the first part that has a chunk in it. */
function namingUser({ manifest, places, table }: LoadedImage, pack: number, error: Error): unknown {
  if (!isDamage(error)) return error;
  for (let row = 0; row < manifest.table.rows; row++) {
    if (table.readUInt32LE(row * ROW_BYTES + 40) === pack) return packDamageAt(manifest, places, table, row, error);
  }
  return error;
}
