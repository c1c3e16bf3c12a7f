// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchImage, openImage, verifyImage } from '@grit/image';
import { PvcStorage } from '@grit/storage-pvc';
import { SEED, randomBytesOf, randomOf } from '../image-put/corpus.js';
import { signal } from '../image-put/stored-image.js';
import {
  contentsOf,
  failsWith,
  failureOf,
  filesBelow,
  finishedFiles,
  isWhole,
  nothingWrong,
  openKnown,
  storeContents,
  type Contents,
} from './faulty-image.js';

/** Damages that are tried; one in some of them is fetched too. */
const FLIPS = Number(process.env.GRIT_FLIPS ?? 240);
const FETCHED = 4;

describe(`image: damage of a stored image (seed ${SEED})`, function () {
  this.timeout(600_000);
  let home = '';
  let image = '';
  let storage: PvcStorage;
  let contents: Contents;
  let digest = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-damage-'));
    storage = new PvcStorage({ path: join(home, 'store') });
    contents = contentsOf('damage', 1_500_000);
    await storeContents(storage, home, 'c-1', contents);
    image = join(home, 'store/images/c-1');
    digest = (await openImage(storage, 'c-1', signal)).digest;
  });
  after(() => rm(home, { recursive: true }));

  const verify = async (): Promise<void> => verifyImage(await openKnown(storage, 'c-1', digest), { signal });
  const fetch = async (copy: string): Promise<unknown> =>
    fetchImage(await openKnown(storage, 'c-1', digest), copy, { signal, durable: false });

  it(`is found, whatever it is, and nothing of it is restored: ${FLIPS} times`, async () => {
    const objects = await Promise.all(
      (await filesBelow(image)).map(async (name) => ({
        path: join(image, name),
        bytes: await readFile(join(image, name)),
      })),
    );
    for (let at = 0; at < FLIPS; at++) {
      const damage = damageOf(`damage-${at}`, objects);
      await writeFile(damage.path, damage.bytes);
      const copy = join(home, 'copy');
      const error = await failureOf(verify());
      assert.ok(error !== undefined, `${damage.what} was not found`);
      assert.match(error.code, /^GRIT_IMAGE_/, damage.what);
      if (at % FETCHED === 0) {
        const refused = await failureOf(fetch(copy));
        await nothingWrong(copy, contents);
        if (refused === undefined) await isWhole(copy, contents);
        else {
          assert.match(refused.code, /^GRIT_IMAGE_/, damage.what);
          assert.ok(
            (await finishedFiles(copy)).every((name) => name !== refused.details?.part),
            damage.what,
          );
        }
        await rm(copy, { recursive: true, force: true });
      }
      await writeFile(damage.path, damage.original);
    }
    await verify();
  });

  it('an object that is lost is named, and a copy of the image makes it good', async () => {
    await storeContents(storage, home, 'c-2', contents);
    const copies = [await openImage(storage, 'c-2', signal)];
    for (const name of (await filesBelow(image)).filter((object) => object !== 'manifest.json')) {
      const path = join(image, name);
      const bytes = await readFile(path);
      await unlink(path);
      const lost = await failsWith(verify(), 'GRIT_IMAGE_PART_MISSING');
      const part = lost.details?.part as string;
      assert.ok(part === 'rows' || part in contents, part);
      const copy = join(home, 'copy');
      await failsWith(fetch(copy), 'GRIT_IMAGE_PART_MISSING');
      await nothingWrong(copy, contents);
      if (part !== 'rows') {
        await fetchImage(await openKnown(storage, 'c-1', digest), copy, { signal, copies, durable: false });
        await isWhole(copy, contents);
      }
      await rm(copy, { recursive: true, force: true });
      await writeFile(path, bytes);
    }
    await verify();
  });
});

interface Damage {
  readonly path: string;
  readonly what: string;
  readonly original: Buffer;
  readonly bytes: Buffer;
}

/** One damage that follows from the seed: at a place of any object, the large ones more often; the result is never what it was. */
function damageOf(seed: string, objects: readonly { readonly path: string; readonly bytes: Buffer }[]): Damage {
  const random = (what: string, limit: number): number => Math.floor(randomOf(`${seed}/${what}`) * limit);
  const largest = [...objects].sort((a, b) => b.bytes.length - a.bytes.length);
  const chosen =
    random('which', 3) === 0
      ? objects[random('object', objects.length)]
      : largest[random('object', largest.length / 2)];
  if (chosen === undefined) throw new Error('an image without objects');
  const { path, bytes: original } = chosen;
  const bytes = Buffer.from(original);
  const at = random('at', bytes.length);
  const how = random('how', 8);
  const what = `${seed}: change ${how} at ${at} of ${path}`;
  const flip = (): void => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random('bit', 8)), at);
  };
  if (how === 0) return { path, what, original, bytes: bytes.subarray(0, at) };
  if (how === 1)
    return { path, what, original, bytes: Buffer.concat([bytes, randomBytesOf(seed, 1 + random('more', 9000))]) };
  // Sectors that were never written, or were written with something else of the same file.
  if (how === 2)
    bytes
      .subarray(at - (at % 512))
      .subarray(0, 4096)
      .fill(0);
  if (how === 3)
    original.copy(bytes, at - (at % 512), random('from', bytes.length), random('from', bytes.length) + 512);
  if (how > 3 || bytes.equals(original)) flip();
  return { path, what, original, bytes };
}
