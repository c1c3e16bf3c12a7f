// SPDX-License-Identifier: Apache-2.0
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import type { S3Access } from './s3-access.js';
import { abortUpload } from './upload-parts.js';

/** An upload in parts that nobody ended. */
export interface AbandonedUpload {
  readonly key: string;
  /** Milliseconds since the epoch, by the clock of the service. */
  readonly startedAt: number;
}

export interface AbandonedOptions {
  readonly signal: AbortSignal;
  /** Milliseconds: what was begun later may still be going on. Longer than any upload takes. */
  readonly graceMs: number;
  /** Only say what would be removed. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** Removes the parts of uploads below the prefix that were begun before the grace period, and tells of each. */
export async function* abandonedUploads(
  access: S3Access,
  options: AbandonedOptions & { readonly pageSize: number },
): AsyncGenerator<AbandonedUpload, void> {
  const { sdk, client, place } = access;
  const { signal, graceMs, dryRun, pageSize } = options;
  const before = Date.now() - graceMs;
  let next: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
  do {
    const markers: typeof next = next;
    const page: ListMultipartUploadsCommandOutput = await access.control({ what: 'list uploads', signal }, () =>
      client.send(
        new sdk.ListMultipartUploadsCommand({
          Bucket: place.bucket,
          Prefix: place.prefix,
          MaxUploads: pageSize,
          ...markers,
        }),
        { abortSignal: signal },
      ),
    );
    for (const { Key = '', UploadId: id = '', Initiated: begun } of page.Uploads ?? []) {
      const startedAt = begun?.getTime() ?? Infinity;
      if (startedAt > before || !Key.startsWith(place.prefix)) continue;
      if (dryRun !== true) await abortUpload(access, Key, id, signal);
      yield { key: Key.slice(place.prefix.length), startedAt };
    }
    next = page.IsTruncated === true ? markersOf(page) : undefined;
  } while (next !== undefined);
}

function markersOf({ NextKeyMarker, NextUploadIdMarker }: ListMultipartUploadsCommandOutput) {
  return {
    ...(NextKeyMarker !== undefined && { KeyMarker: NextKeyMarker }),
    ...(NextUploadIdMarker !== undefined && { UploadIdMarker: NextUploadIdMarker }),
  };
}
