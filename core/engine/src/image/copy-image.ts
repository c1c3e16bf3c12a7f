// SPDX-License-Identifier: Apache-2.0
import {
  TABLE_OBJECT,
  allOrStop,
  isSameCheckpoint,
  manifestForStore,
  openImage,
  packObject,
  verifyImage,
  type ImageCallOptions,
  type ImageReader,
} from '@grit/image';
import { GritError, isGritError, type StorageProvider } from '@grit/plugin-api';
import { adoptShared } from './adopt-shared.js';
import { repackCopy, type RepackPlace } from './repack-copy.js';
import { sendObject } from './send-object.js';

/** An image that is in another store now. */
export interface CopiedImage {
  readonly checkpoint: string;
  /** Of the manifest there: another than `sourceDigest` where it was packed anew. */
  readonly digest: string;
  readonly sourceDigest: string;
  /** Bytes of all parts. */
  readonly size: number;
  /** Bytes of its objects, of which `sent` were sent; the target had the others. */
  readonly stored: number;
  readonly sent: number;
  /** It was there already, whole. */
  readonly known: boolean;
}

const OBJECTS_AT_A_TIME = 4;

/**
 * Copies an image to another store as it is stored: nothing is decoded, decrypted or packed anew. Packs that images of the target have
 * are not sent; nor what an interrupted copy has sent. Where one of the stores encrypts and the other does not it is packed anew
 * instead, which changes its digest and nothing else of it. Every byte is verified at the target before this resolves, and what is
 * damaged there is taken away again. Errors: those of {@link ImageReader} for the source, and of writing for the target;
 * GRIT_IDEMPOTENCY_CONFLICT: the target has another image of this id.
 */
export async function copyImage(
  from: StorageProvider,
  to: StorageProvider,
  id: string,
  options: ImageCallOptions & RepackPlace,
): Promise<CopiedImage> {
  const { signal } = options;
  const source = await openImage(from, id, signal);
  const before = await openedThere(to, id, signal);
  if (before !== undefined && before.digest !== source.digest && !isSameCheckpoint(before.manifest, source.manifest)) {
    throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `the target has another image ${id}`, {
      details: { checkpoint: id },
    });
  }
  const asItIs = (source.keys === undefined) === (to.keys === undefined);
  let sent = 0;
  if (before === undefined)
    sent = asItIs ? await copied(source, from, to, options) : await repacked(source, to, options);
  const there = before ?? (await openImage(to, id, signal));
  try {
    await verifyImage(there, options);
  } catch (error) {
    const damaged = isGritError(error) && error.code.startsWith('GRIT_IMAGE_');
    if (damaged && before === undefined) await to.delete(id, signal);
    throw error;
  }
  const { digest, size } = there;
  const stored = await storedBytes(there, signal);
  const known = before !== undefined;
  return { checkpoint: id, digest, sourceDigest: source.digest, size, stored, sent, known };
}

async function storedBytes({ storage, manifest }: ImageReader, signal: AbortSignal): Promise<number> {
  return manifest.packs.reduce((sum, pack) => sum + pack.size, await storage.size(TABLE_OBJECT, signal));
}

async function copied(
  source: ImageReader,
  from: StorageProvider,
  to: StorageProvider,
  options: ImageCallOptions,
): Promise<number> {
  const { signal } = options;
  const table = await source.storage.size(TABLE_OBJECT, signal);
  const stored = await storedBytes(source, signal);
  const bytes = await manifestForStore(await source.storage.manifest(signal), from, to, signal);
  return send(source, to, { table, stored, bytes }, options);
}

async function repacked(
  source: ImageReader,
  to: StorageProvider,
  options: ImageCallOptions & RepackPlace,
): Promise<number> {
  return (await repackCopy(source, to, options, options)).manifest.bytes.stored;
}

async function openedThere(to: StorageProvider, id: string, signal: AbortSignal): Promise<ImageReader | undefined> {
  try {
    return await openImage(to, id, signal);
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_CHECKPOINT_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Gives the bytes that were sent. After an error the target keeps what it has, for the next try. */
async function send(
  source: ImageReader,
  to: StorageProvider,
  image: { readonly table: number; readonly stored: number; readonly bytes: Uint8Array },
  { signal, onProgress }: ImageCallOptions,
): Promise<number> {
  const { checkpoint, packs } = source.manifest;
  const writer = await to.begin(checkpoint, signal);
  const adopted = await adoptShared(source, to, writer, signal);
  let sent = 0;
  let done = packs.reduce((sum, { name, size }) => (adopted.has(name) ? sum + size : sum), 0);
  const tell = (bytes: number): void => {
    done += bytes;
    onProgress?.({ phase: 'copy', doneBytes: done, totalBytes: image.stored });
  };
  tell(0);
  const objects = [
    { object: TABLE_OBJECT, size: image.table, identity: undefined },
    ...packs.flatMap(({ name, size }) =>
      adopted.has(name) ? [] : [{ object: packObject(name), size, identity: `pack:${name}` }],
    ),
  ];
  await allOrStop(objects, { lanes: OBJECTS_AT_A_TIME, signal }, async (object, either) => {
    const bytes = await sendObject(source.storage, writer, object, { signal: either, onBytes: tell });
    sent += bytes;
  });
  await writer.commit(image.bytes, signal);
  return sent;
}
