// SPDX-License-Identifier: Apache-2.0
// Fetches the image of the job in its argument, and ends itself with SIGKILL where the job says so.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fetchImage, openImage } from '@grit/image';
import type { StorageProvider } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import type { FetchJob } from './fetch-job.ts';

const { store, image, directory, durable, streamed, kill } = JSON.parse(process.argv[2] ?? '') as FetchJob;
const { signal } = new AbortController();

let parts = 0;
let calls = 0;
watchDirectory();
const reader = await openImage(watched(new PvcStorage({ path: store })), image, signal);
await fetchImage(reader, directory, {
  signal,
  durable,
  onPart: () => {
    parts++;
    if (kill !== undefined && 'parts' in kill && parts >= kill.parts) die();
  },
});

/** Without the local files of the store, if so asked for: then all bytes come through calls, which are counted. */
function watched(storage: PvcStorage): StorageProvider {
  const open = storage.open.bind(storage);
  storage.open = async (...args) => {
    const inner = await open(...args);
    const [read, readInto] = [inner.read.bind(inner), inner.readInto?.bind(inner)];
    inner.read = (...range) => {
      count();
      return read(...range);
    };
    if (readInto !== undefined) {
      inner.readInto = (...range) => {
        count();
        return readInto(...range);
      };
    }
    if (streamed) Object.assign(inner, { localPath: undefined });
    return inner;
  };
  return storage;
}

function count(): void {
  calls++;
  if (kill !== undefined && 'reads' in kill && calls >= kill.reads) die();
}

/** The threads write meanwhile, so this one has the time to look. */
function watchDirectory(): void {
  if (kill === undefined || !('bytes' in kill)) return;
  const { bytes } = kill;
  setInterval(() => {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    const blocks = entries.map((entry) =>
      entry.isFile() ? (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) : 0,
    );
    if (blocks.reduce((sum, count) => sum + count, 0) * 512 >= bytes) die();
  }, 1).unref();
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered at the latest when this thread waits.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
