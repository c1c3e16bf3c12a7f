// SPDX-License-Identifier: Apache-2.0
import type { ImageStorageWriter } from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import { allOrStop } from '../stream/all-or-stop.js';
import { TABLE_OBJECT } from '../format/object-names.js';
import type { ImageCallOptions } from '../image-call-options.js';
import { ByteMeter } from '../stream/byte-meter.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import { fileStream, piecesOf } from './byte-sources.js';
import { checkSize, type PackSource } from './pack-sources.js';

const OBJECTS_AT_A_TIME = 4;

/** One object to be put. */
interface ObjectPut {
  readonly object: string;
  /** Bytes. */
  readonly size: number;
  readonly put: (signal: AbortSignal) => Promise<void>;
}

/**
 * Puts the table and the own packs, several at a time: by a hard link where the store offers it, else as a stream. The first failure
 * counts and names its object; what else is under way is stopped and waited for.
 */
export async function putObjects(
  writer: ImageStorageWriter,
  table: Uint8Array,
  packs: readonly PackSource[],
  { signal, onProgress }: ImageCallOptions,
): Promise<void> {
  const total = packs.reduce((sum, { size }) => sum + size, table.length);
  const meter = new ByteMeter('store', total, onProgress);
  const puts: ObjectPut[] = packs.map((pack) => ({
    object: pack.object,
    size: pack.size,
    put: (either) => putPack(writer, pack, either),
  }));
  const putTable = (either: AbortSignal): Promise<void> =>
    writer.put(TABLE_OBJECT, piecesOf(table), { signal: either });
  puts.push({ object: TABLE_OBJECT, size: table.length, put: putTable });

  await allOrStop(puts, { lanes: OBJECTS_AT_A_TIME, signal }, async ({ object, size, put }, either) => {
    await put(either).catch((error: unknown) => {
      throw namingPart(error, object);
    });
    meter.add(size);
  });
  meter.finish();
}

async function putPack(writer: ImageStorageWriter, pack: PackSource, signal: AbortSignal): Promise<void> {
  await checkSize(pack);
  throwIfAborted(signal);
  const options = { signal, identity: pack.index };
  const taken = (await writer.putFile?.(pack.object, pack.path, options)) ?? false;
  // A store that has the image already does not read the stream.
  if (!taken) await writer.put(pack.object, fileStream(pack.path), options);
}
