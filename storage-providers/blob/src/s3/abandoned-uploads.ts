// SPDX-License-Identifier: Apache-2.0
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { isRefused } from '../refused.js';
import type { S3Access } from './s3-access.js';
import { s3Error } from './s3-error.js';
import { abortUpload } from './upload-parts.js';

/** An upload in parts that nobody ended. */
export interface AbandonedUpload {
  readonly key: string;
  /** Milliseconds since the epoch, by the clock of the service. */
  readonly startedAt: number;
}

interface Markers {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
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
  const what = 'list uploads';
  const list = (markers: Markers): Promise<ListMultipartUploadsCommandOutput> =>
    access.control({ what, signal, expected: ['InvalidArgument'] }, () =>
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
  let next: Markers | undefined = {};
  do {
    const { KeyMarker, UploadIdMarker }: Markers = next;
    const page: ListMultipartUploadsCommandOutput = await list(next).catch((error: unknown) => {
      // versitygw does not take the marker that it gave. Further uploads of that key are left for the next time.
      if (!isRefused(error, 'InvalidArgument')) throw error;
      if (KeyMarker !== undefined && UploadIdMarker !== undefined) return list({ KeyMarker });
      throw s3Error(error.refusal, { label: place.label, what, now: Date.now() }, error);
    });
    for (const { Key = '', UploadId: id = '', Initiated: begun } of page.Uploads ?? []) {
      const startedAt = begun?.getTime() ?? Infinity;
      if (startedAt > before || !Key.startsWith(place.prefix)) continue;
      if (dryRun !== true) await abortUpload(access, Key, id, signal);
      yield { key: Key.slice(place.prefix.length), startedAt };
    }
    next = page.IsTruncated === true ? markersOf(page) : undefined;
  } while (next !== undefined);
}

function markersOf({ NextKeyMarker, NextUploadIdMarker }: ListMultipartUploadsCommandOutput): Markers {
  return {
    ...(NextKeyMarker !== undefined && { KeyMarker: NextKeyMarker }),
    ...(NextUploadIdMarker !== undefined && { UploadIdMarker: NextUploadIdMarker }),
  };
}
