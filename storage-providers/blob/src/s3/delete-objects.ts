// SPDX-License-Identifier: Apache-2.0
import { isRefused, unlessRefused } from '../refused.js';
import { sendAll } from '../upload/send-all.js';
import { isRetryable, s3Error } from './s3-error.js';
import { Refused } from './refusal.js';
import type { S3Access } from './s3-access.js';

/** Keys of one request. */
const BATCH = 1000;
const AT_ONCE = 8;
/** Services that have no call for many keys say it in one of these ways. */
const NO_BATCH = ['NotImplemented', 'MethodNotAllowed', 'MissingContentMD5', 'InvalidRequest', 'MalformedXML'];
const ABSENT = ['NoSuchKey', 'NotFound', 'NoSuchVersion'];

/** Deletes objects; absent ones are no error. */
export async function deleteObjects(access: S3Access, keys: readonly string[], signal: AbortSignal): Promise<void> {
  for (let at = 0; at < keys.length; at += BATCH) {
    const batch = keys.slice(at, at + BATCH);
    try {
      await deleteBatch(access, batch, signal);
    } catch (error) {
      if (!isRefused(error, ...NO_BATCH)) throw error;
      await deleteSingly(access, batch, signal);
    }
  }
}

async function deleteBatch(access: S3Access, keys: readonly string[], signal: AbortSignal): Promise<void> {
  const { sdk, client, place } = access;
  const what = keys.length === 1 ? `delete ${keys[0] ?? ''}` : `delete ${keys.length} objects`;
  // Each may fail on its own; those are tried again, and the others not.
  let left = keys;
  await access.control({ what, signal, expected: NO_BATCH }, async () => {
    const answer = await client.send(
      new sdk.DeleteObjectsCommand({
        Bucket: place.bucket,
        Delete: { Objects: left.map((key) => ({ Key: access.keyOf(key) })), Quiet: true },
      }),
      { abortSignal: signal },
    );
    const refused = (answer.Errors ?? []).filter(({ Code = '' }) => !ABSENT.includes(Code));
    if (refused.length === 0) return;
    left = refused.map(({ Key = '' }) => Key.slice(place.prefix.length));
    // What cannot be had is said before what is only busy.
    const refusals = refused.map(({ Code = 'Unknown', Message = '', Key = '' }) => ({
      status: STATUS[Code] ?? 200,
      code: Code,
      message: `${Key.slice(place.prefix.length)}: ${Message}`,
    }));
    const worst = refusals.find((refusal) => isRetryable(refusal) === false) ?? refusals[0];
    if (worst === undefined) return;
    if (NO_BATCH.includes(worst.code)) throw s3Error(worst, { label: place.label, what, now: Date.now() });
    throw new Refused(worst);
  });
}

/** The answer as a whole is a success, whatever it says of the keys. */
const STATUS: Readonly<Partial<Record<string, number>>> = { AccessDenied: 403, InternalError: 500, SlowDown: 503 };

async function deleteSingly(access: S3Access, keys: readonly string[], signal: AbortSignal): Promise<void> {
  const { sdk, client, place } = access;
  await sendAll(keys, { signal, atOnce: () => AT_ONCE }, async (key, either) => {
    const command = { Bucket: place.bucket, Key: access.keyOf(key) };
    await unlessRefused(ABSENT, () =>
      access.control({ what: `delete ${key}`, signal: either, expected: ABSENT }, () =>
        client.send(new sdk.DeleteObjectCommand(command), { abortSignal: either }),
      ),
    );
  });
}
