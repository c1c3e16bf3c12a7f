// SPDX-License-Identifier: Apache-2.0
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { UploadOptions } from '../object-store.js';
import { isRefused } from '../refused.js';
import { sendAll } from '../upload/send-all.js';
import { putBytes, type Payload } from './put-bytes.js';
import type { S3Access } from './s3-access.js';

/** How long may be spent on removing what is left, milliseconds. */
const CLEANUP_MS = 60_000;

/** One part, counted from 1. */
export interface Part {
  readonly number: number;
  readonly payload: Payload;
  /** Called when it need not be kept any longer. */
  readonly done?: () => void;
}

export interface PartsOptions extends UploadOptions {
  readonly checksums: boolean;
  /** Of the object, as the SDK takes them. */
  readonly attributes: object;
  /** How many parts like this one may be on their way. */
  readonly atOnce: (part: Part) => number;
}

/** An object in parts, several at once; when it fails, the parts are removed. Returns its size. */
export async function uploadParts(
  access: S3Access,
  key: string,
  parts: AsyncIterable<Part> | Iterable<Part>,
  options: PartsOptions,
): Promise<number> {
  const { sdk, client } = access;
  const { signal, checksums } = options;
  const object = { Bucket: access.place.bucket, Key: access.keyOf(key) };
  const algorithm = checksums ? { ChecksumAlgorithm: 'CRC32' as const } : {};
  const { UploadId: id = '' } = await access.control({ what: `begin to write ${key}`, signal }, () =>
    client.send(new sdk.CreateMultipartUploadCommand({ ...object, ...options.attributes, ...algorithm }), {
      abortSignal: signal,
    }),
  );
  try {
    const { sent, size } = await sendParts(access, { key, id }, parts, options);
    await complete(access, key, { ...object, UploadId: id }, { parts: sent, size, checksums, signal });
    return size;
  } catch (error) {
    // What cannot be removed now is found by abandonedUploads.
    await abortUpload(access, object.Key, id, AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
    throw error;
  }
}

/** Removes the parts of an upload; none is no error. `key` is the whole key. */
export async function abortUpload(access: S3Access, key: string, id: string, signal: AbortSignal): Promise<void> {
  const { sdk, client, place } = access;
  const command = { Bucket: place.bucket, Key: key, UploadId: id };
  const what = `remove the parts of ${key}`;
  try {
    await access.control({ what, signal, expected: ['NoSuchUpload', 'NotFound'] }, () =>
      client.send(new sdk.AbortMultipartUploadCommand(command), { abortSignal: signal }),
    );
  } catch (error) {
    if (!isRefused(error, 'NoSuchUpload', 'NotFound')) throw error;
  }
}

async function sendParts(
  access: S3Access,
  upload: { readonly key: string; readonly id: string },
  parts: AsyncIterable<Part> | Iterable<Part>,
  options: PartsOptions,
): Promise<{ readonly sent: readonly CompletedPart[]; readonly size: number }> {
  const { checksums, onBytes } = options;
  const sent: CompletedPart[] = [];
  let size = 0;
  await sendAll(parts, options, async ({ number, payload, done }, signal) => {
    const query = { partNumber: String(number), uploadId: upload.id };
    const call = { what: `write part ${number} of ${upload.key}`, signal, checksums, onBytes };
    const { etag, checksum } = await putBytes(access, { key: upload.key, query }, payload, call);
    size += payload instanceof Uint8Array ? payload.length : payload.size;
    sent.push({ PartNumber: number, ETag: etag, ...(checksum !== undefined && { ChecksumCRC32: checksum }) });
    done?.();
  });
  return { sent: sent.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)), size };
}

async function complete(
  access: S3Access,
  key: string,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
  options: {
    readonly parts: readonly CompletedPart[];
    readonly size: number;
    readonly checksums: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { sdk, client } = access;
  const { parts, size, checksums, signal } = options;
  const call = { what: `end the write of ${key}`, signal, expected: ['NoSuchUpload'] };
  let tries = 0;
  try {
    await access.control(call, () => {
      tries++;
      return client.send(
        new sdk.CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: [...parts] },
          ...(checksums && { MpuObjectSize: size }),
        }),
        { abortSignal: signal },
      );
    });
  } catch (error) {
    if (!isRefused(error, 'NoSuchUpload')) throw error;
    // The answer to an earlier try may have been lost: then the object is there.
    const { Bucket, Key } = upload;
    const found = await access.control({ what: `find ${key}`, signal }, () =>
      client.send(new sdk.HeadObjectCommand({ Bucket, Key }), { abortSignal: signal }),
    );
    if (tries < 2 || found.ContentLength !== size) throw error;
  }
}
