// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import {
  GritError,
  checkPartName,
  toGritError,
  type ImageStorageWriter,
  type PartSource,
  type ProgressListener,
} from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import { hashFile, type HashOptions } from '../digest/hash-file.js';
import { inLanes } from '../digest/in-lanes.js';
import { fileChanged, localFileError } from '../digest/open-local.js';
import { encodeManifest, manifestDigest } from '../manifest/encode-manifest.js';
import {
  MANIFEST_VERSION,
  type ImageFacts,
  type ImageManifest,
  type ManifestPart,
} from '../manifest/image-manifest.js';
import { parseManifest } from '../manifest/parse-manifest.js';
import { ByteMeter } from '../stream/byte-meter.js';
import { abortError, throwIfAborted } from '../stream/until-aborted.js';
import { HashedFile } from './hashed-file.js';

const PARTS_AT_A_TIME = 4;

/** Options of a call that works through a whole image. */
export interface ImageCallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener | undefined;
}

/** An image that is in the store. */
export interface WrittenImage {
  readonly manifest: ImageManifest;
  /** The manifest's bytes, as they are to be committed. */
  readonly bytes: Uint8Array;
  /** Digest of `bytes`. */
  readonly digest: string;
  /** Bytes of all parts. */
  readonly size: number;
}

/**
 * Puts all parts, and then commits: the image is durable and readable, not yet verified. On an error or abort everything that was
 * put is removed again. Repeating it with the same facts and files is fine, also after it had succeeded.
 * Errors: those of the storage, each naming the part; GRIT_IMAGE_PART_MISSING and GRIT_IMAGE_PART_CORRUPT for a local file that is
 * not there or changes meanwhile; GRIT_IMAGE_MANIFEST_INVALID for bad or doubled names.
 */
export async function storeImage(
  writer: ImageStorageWriter,
  parts: readonly PartSource[],
  facts: ImageFacts,
  options: ImageCallOptions,
): Promise<WrittenImage> {
  const written = await writeImage(writer, parts, facts, options);
  await orAbort(writer, options.signal, async () => {
    throwIfAborted(options.signal);
    await writer.commit(written.bytes, options.signal);
  });
  return written;
}

/** As {@link storeImage}, without the commit. */
export async function writeImage(
  writer: ImageStorageWriter,
  parts: readonly PartSource[],
  facts: ImageFacts,
  options: ImageCallOptions,
): Promise<WrittenImage> {
  return orAbort(writer, options.signal, async () => {
    const stored = await putParts(writer, parts, options);
    const bytes = encodeManifest({ version: MANIFEST_VERSION, ...facts, parts: stored });
    // Never commit what could not be read again.
    const manifest = parseManifest(bytes);
    return { manifest, bytes, digest: manifestDigest(bytes), size: stored.reduce((sum, { size }) => sum + size, 0) };
  });
}

async function putParts(
  writer: ImageStorageWriter,
  parts: readonly PartSource[],
  { signal, onProgress }: ImageCallOptions,
): Promise<ManifestPart[]> {
  const names = new Set(parts.map(({ name }) => checkPartName(name)));
  if (names.size < parts.length) throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', 'two parts have one name');
  const files = await Promise.all(parts.map(async (part) => ({ part, stat: await statOf(part) })));
  files.sort((a, b) => Number(b.stat.size - a.stat.size));
  const meter = new ByteMeter('store', Number(files.reduce((sum, { stat }) => sum + stat.size, 0n)), onProgress);

  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const stored: ManifestPart[] = [];
  const failures: unknown[] = [];
  await inLanes(files.length, PARTS_AT_A_TIME, async (index) => {
    const file = files[index];
    if (file === undefined) return;
    try {
      stored.push(await putPart(writer, file.part, file.stat, { signal: either, onBytes: meter.add }));
    } catch (error) {
      // The others are only stopped because of this one.
      failures.push(namingPart(error, file.part.name));
      failing.abort(abortError(failing.signal));
      throw error;
    }
  }).catch(() => undefined);
  if (failures.length > 0) throw failures[0];
  meter.finish();
  return stored;
}

async function putPart(
  writer: ImageStorageWriter,
  { name, kind, path }: PartSource,
  before: BigIntStats,
  options: HashOptions,
): Promise<ManifestPart> {
  throwIfAborted(options.signal);
  const stream = new HashedFile(path, options);
  const linked = (await writer.putFile?.(name, path, { signal: options.signal })) ?? false;
  if (!linked) await writer.put(name, stream, { signal: options.signal });
  // A store that has the image already does not read the stream.
  const digest = stream.digest ?? (await hashFile(path, options));
  const after = await statOf({ name, path });
  if (after.ino !== before.ino || after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
    throw fileChanged(path, 'changed while it was stored');
  }
  if (BigInt(digest.size) !== before.size) throw fileChanged(path, 'has another size than its bytes');
  return { name, kind, ...digest };
}

async function statOf({ name, path }: Pick<PartSource, 'name' | 'path'>): Promise<BigIntStats> {
  try {
    const stat = await lstat(path, { bigint: true });
    if (!stat.isFile()) throw fileChanged(path, 'is no regular file');
    return stat;
  } catch (error) {
    throw namingPart(localFileError(error, path), name);
  }
}

/** Runs the call; when it fails, what was put goes. That error counts, not one of the clearing. */
async function orAbort<T>(writer: ImageStorageWriter, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    await writer.abort(new AbortController().signal).catch(() => undefined);
    throw signal.aborted ? abortError(signal) : toGritError(error);
  }
}
