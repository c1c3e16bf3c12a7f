// SPDX-License-Identifier: Apache-2.0
// Stores the image of the job in its argument, and ends itself with SIGKILL where the job says so.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openImage, storeImage } from '@grit/image';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import type { PutJob } from './put-job.ts';

const { store, parts, facts, known, options, kill } = JSON.parse(process.argv[2] ?? '') as PutJob;
const { signal } = new AbortController();

const calls = new Map<string | symbol, number>();
const storage = new PvcStorage({ path: store });
const writer = await storage.begin(facts.checkpoint, signal);
reached('begin');
watchStaging(await writer.staging?.(signal));
const readers = await Promise.all(known.map((id) => openImage(storage, id, signal)));
await storeImage(watched(writer), parts, facts, { ...options, known: readers, signal });
reached('end');

/** A call of the writer is `NAME:NUMBER:before` and `:after`. */
function watched(inner: ImageStorageWriter): ImageStorageWriter {
  return new Proxy(inner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const number = (calls.get(name) ?? 0) + 1;
        calls.set(name, number);
        reached(`${String(name)}:${number}:before`);
        const result: unknown = await Reflect.apply(method, target, args);
        reached(`${String(name)}:${number}:after`);
        return result;
      };
    },
  });
}

function reached(call: string): void {
  if (kill !== undefined && 'call' in kill && kill.call === call) die();
}

/** The threads pack meanwhile, so this one has the time to look. */
function watchStaging(directory: string | undefined): void {
  if (kill === undefined || !('stagedBytes' in kill) || directory === undefined) return;
  const { stagedBytes } = kill;
  setInterval(() => {
    const sizes = namesIn(directory).map(
      (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0,
    );
    if (sizes.reduce((sum, size) => sum + size, 0) >= stagedBytes) die();
  }, 1).unref();
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // The commit has taken it away.
    return [];
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered at the latest when this thread waits.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
