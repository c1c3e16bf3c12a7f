// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchImage, openImage, verifyImage, type ImageReader } from '@grit/image';
import type { ImageStorageReader } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import { signal } from '../image-put/stored-image.js';
import { contentsOf, failsWith, isWhole, nothingWrong, storeContents, type Contents } from './faulty-image.js';

const run = promisify(execFile);

describe('image: a store that goes away', function () {
  this.timeout(120_000);
  let home = '';
  let volume = '';
  let storage: PvcStorage;
  let contents: Contents;
  before(function () {
    if (process.getuid?.() !== 0) this.skip('needs root to mount a volume');
  });
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-lost-'));
    volume = join(home, 'volume');
    await mkdir(volume);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', volume]);
    storage = new PvcStorage({ path: join(volume, 'store') });
    contents = contentsOf('lost', 2_000_000);
    await storeContents(storage, home, 'c-1', contents);
  });
  afterEach(async () => {
    if (home === '') return;
    await run('umount', ['-l', volume]).catch(() => undefined);
    await rm(home, { recursive: true });
  });

  it('an image of a volume that can only be read is verified and fetched', async () => {
    await run('mount', ['-o', 'remount,ro', volume]);
    const reader = await openImage(storage, 'c-1', signal);
    await verifyImage(reader, { signal });
    await fetchImage(reader, join(home, 'copy'), { signal });
    await isWhole(join(home, 'copy'), contents);
    // And nothing keeps it busy after that.
    await run('umount', [volume]);
  });

  it('a volume that vanishes in the middle of a fetch ends it, and when it is back the fetch goes on', async () => {
    const copy = join(home, 'copy');
    const reader = await openImage(storage, 'c-1', signal);
    await reader.table(signal);
    const away = join(home, 'away');
    const sizes = countedSizes(reader.storage);
    sizes.at = 2;
    sizes.act = async () => {
      await run('mount', ['--move', volume, await made(away)]);
    };
    await failsWith(
      fetchImage(reader, copy, { signal }),
      'GRIT_STORAGE_UNAVAILABLE',
      'GRIT_IMAGE_PART_MISSING',
      'GRIT_STORAGE_IO',
    );
    await nothingWrong(copy, contents);
    await failsWith(openImage(storage, 'c-1', signal), 'GRIT_STORAGE_UNAVAILABLE', 'GRIT_CHECKPOINT_NOT_FOUND');
    await run('mount', ['--move', away, volume]);
    await fetchImage(await openImage(storage, 'c-1', signal), copy, { signal });
    await isWhole(copy, contents);
  });

  it('a store whose directory is taken away in the middle of a verification is not taken for an image that is damaged', async () => {
    const reader = await openImage(storage, 'c-1', signal);
    await reader.table(signal);
    const store = join(volume, 'store');
    const sizes = countedSizes(reader.storage);
    sizes.at = 2;
    sizes.act = () => rename(store, `${store}-away`);
    await failsWith(verifyImage(reader, { signal }), 'GRIT_STORAGE_UNAVAILABLE');
    await rename(`${store}-away`, store);
    await verifyImage(await openImage(storage, 'c-1', signal), { signal });
  });

  it('packs that go while they are read are missing, each with a part that needs it', async () => {
    const packs = join(volume, 'store/images/c-1/parts/packs');
    const names = await readdir(packs);
    assert.ok(names.length > 1, 'one pack only');
    const reader = await openImage(storage, 'c-1', signal);
    await reader.table(signal);
    const paths = countedPaths(reader);
    paths.at = 2;
    paths.act = () => rename(packs, `${packs}-away`);
    const error = await failsWith(fetchImage(reader, join(home, 'copy'), { signal }), 'GRIT_IMAGE_PART_MISSING');
    assert.ok((error.details?.part as string) in contents, error.message);
    assert.ok(names.includes(error.details?.pack as string), error.message);
    await nothingWrong(join(home, 'copy'), contents);
  });
});

interface Counted {
  /** The call before which something happens, counted from 1. */
  at: number;
  act: () => Promise<void>;
}

/** Something happens before one of the calls for a size: those are made once for each pack. */
function countedSizes(storage: ImageStorageReader): Counted {
  const counted: Counted = { at: 0, act: async () => undefined };
  const size = storage.size.bind(storage);
  let calls = 0;
  storage.size = async (...args) => {
    calls++;
    if (calls === counted.at) await counted.act();
    return size(...args);
  };
  return counted;
}

/** Something happens after a local path was given, before anybody opens the file. */
function countedPaths({ storage }: ImageReader): Counted {
  const counted: Counted = { at: 0, act: async () => undefined };
  const localPath = storage.localPath?.bind(storage);
  let calls = 0;
  storage.localPath = async (...args) => {
    const path = await localPath?.(...args);
    calls++;
    if (calls === counted.at) await counted.act();
    return path;
  };
  return counted;
}

async function made(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  return directory;
}
