// SPDX-License-Identifier: Apache-2.0
import type { ContainerClient } from '@azure/storage-blob';
import { throwIfAborted } from '@grit/image';
import { isGritError } from '@grit/plugin-api';
import { isRefused, unlessRefused } from '../refused.js';
import { sendAll } from '../upload/send-all.js';
import type { AzureAccess, AzureCallOptions } from './azure-access.js';
import { ABSENT } from './read-blob.js';

/** What the service takes. */
const BATCH = 256;
/** Fewer are not worth one. */
const SMALLEST_BATCH = 3;
const SINGLES_AT_ONCE = 8;
const UNMET = ['ConditionNotMet', 'TargetConditionNotMet', ...ABSENT];

/** Deletes blobs, with their snapshots: many in one request, where the service and the identity allow it, else one by one. */
export class BlobDeleter {
  #batches = true;

  constructor(
    private readonly access: AzureAccess,
    private readonly container: ContainerClient,
  ) {}

  /** Absent ones are no error. */
  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < keys.length; at += BATCH) {
      const some = keys.slice(at, at + BATCH);
      // What a batch leaves is tried once more, alone: that says best why.
      const left = this.#batches && some.length >= SMALLEST_BATCH ? await this.#batch(some, signal) : some;
      await sendAll(left, { signal, atOnce: () => SINGLES_AT_ONCE }, (key, either) => this.#single(key, either));
    }
  }

  /** False: it is another one, or gone, and not by a try of ours whose answer was lost. */
  async deleteIf(key: string, etag: string, signal: AbortSignal): Promise<boolean> {
    const tries = { lost: false };
    try {
      await this.#remove(key, { signal, expected: UNMET, onLost: () => (tries.lost = true) }, { 'if-match': etag });
      return true;
    } catch (error) {
      if (!isRefused(error, ...UNMET)) throw error;
      // A blob that is not there has no etag either: some services say this, some that.
      return tries.lost && !(await this.#isThere(key, signal));
    }
  }

  /** Returns those that are not known to be gone. */
  async #batch(keys: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { access, container } = this;
    const what = `delete ${keys.length} blobs`;
    try {
      const { subResponses } = await access.tries({ what, signal }, async () => {
        const { credential, query } = await access.authorizer.forBatch(signal);
        const urls = keys.map((key) => {
          const url = `${new URL(access.place.endpoint).origin}${access.pathOf(key)}`;
          return query === '' ? url : `${url}?${query}`;
        });
        const options = { deleteSnapshots: 'include' as const, abortSignal: signal };
        return container.getBlobBatchClient().deleteBlobs(urls, credential, options);
      });
      const gone = new Set(
        subResponses
          .filter(({ status }) => status === 202 || status === 404)
          .map(({ _request }) => new URL(_request.url).pathname),
      );
      return keys.filter((key) => !gone.has(access.pathOf(key)));
    } catch (error) {
      throwIfAborted(signal);
      if (isGritError(error) && error.code === 'GRIT_STORAGE_UNAVAILABLE') throw error;
      // Old services and narrow tokens have none.
      this.#batches = false;
      return keys;
    }
  }

  async #single(key: string, signal: AbortSignal): Promise<void> {
    await unlessRefused(ABSENT, () => this.#remove(key, { signal, expected: ABSENT }, {}));
  }

  async #isThere(key: string, signal: AbortSignal): Promise<boolean> {
    const { access } = this;
    const answer = await unlessRefused(ABSENT, () =>
      access.exchange({ what: `find ${key}`, signal, expected: ABSENT }, () => ({
        method: 'HEAD',
        path: access.pathOf(key),
      })),
    );
    return answer !== undefined;
  }

  async #remove(
    key: string,
    options: Omit<AzureCallOptions, 'what'>,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { access } = this;
    await access.exchange({ ...options, what: `delete ${key}` }, () => ({
      method: 'DELETE',
      path: access.pathOf(key),
      headers: { ...headers, 'x-ms-delete-snapshots': 'include' },
    }));
  }
}
