// SPDX-License-Identifier: Apache-2.0
import { encodeManifest } from '../../src/format/encode-manifest.js';
import { brokenVectors } from './broken-vectors.js';
import { brokenEncrypted } from './broken-encrypted.js';
import { bytesOf, noise, objectsOf, sampleImage, type SampleImage } from './sample-image.js';
import { SAMPLE_FACTS, SAMPLE_PACKS, SAMPLE_PARTS } from './sample-parts.js';

/** All files of `vectors/`, by path. */
export function vectorFiles(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const part of SAMPLE_PARTS) files.set(`parts/${part.name}`, bytesOf(part));
  const image = sampleImage('blake3', SAMPLE_FACTS, SAMPLE_PARTS, SAMPLE_PACKS);
  const sha256 = sampleImage('sha256', SAMPLE_FACTS, SAMPLE_PARTS, SAMPLE_PACKS);
  for (const [name, bytes] of objectsOf(image)) files.set(`good/blake3/${name}`, bytes);
  for (const [name, bytes] of objectsOf(sha256)) files.set(`good/sha256/${name}`, bytes);
  // What a later version may add without saying that it is needed.
  const later = { ...image.manifest, signature: { by: 'somebody', over: ['rows'] } };
  for (const [name, bytes] of objectsOf(image)) files.set(`good/later-field/${name}`, bytes);
  files.set('good/later-field/manifest.json', encodeManifest(later));

  const encrypted = encryptedImage(1000);
  for (const [name, bytes] of objectsOf(encrypted)) files.set(`good/encrypted/${name}`, bytes);

  const broken = [
    ...brokenVectors(image).map((vector) => ({ base: 'good/blake3', ...vector })),
    ...brokenEncrypted(encrypted, encryptedImage(2000)).map((vector) => ({ base: 'good/encrypted', ...vector })),
  ];
  for (const { base, name, error, why, objects } of broken) {
    const changed = [...objects].filter((entry): entry is [string, Buffer] => entry[1] !== null);
    for (const [object, bytes] of changed) files.set(`broken/${name}/${object}`, bytes);
    const missing = [...objects].filter(([, bytes]) => bytes === null).map(([object]) => object);
    const about = { base, error, missing, why };
    files.set(`broken/${name}/case.json`, Buffer.from(`${JSON.stringify(about, undefined, 2)}\n`));
  }
  return files;
}

function encryptedImage(seed: number): SampleImage {
  const keys = { dataKey: noise(32, seed), packs: SAMPLE_PACKS.map((_, pack) => noise(32, seed + 1 + pack)) };
  return sampleImage('blake3', SAMPLE_FACTS, SAMPLE_PARTS, SAMPLE_PACKS, keys);
}
