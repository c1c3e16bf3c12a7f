// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PartSource } from '@grit/plugin-api';

const PAGE = 4096;

/** Seed of all that is random in these tests. */
export const SEED = process.env.GRIT_SEED ?? '41';

/** Bytes that look random and follow from the seed. */
export function randomBytesOf(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(`${SEED}/${seed}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A number from 0 up to, but not with, 1 that follows from the seed. */
export function randomOf(seed: string): number {
  return randomBytesOf(seed, 4).readUInt32LE() / 2 ** 32;
}

/** Bytes as memory has them: random pages, pages of text, pages of zeros, in runs. */
export function memoryOf(seed: string, size: number): Buffer {
  const bytes = randomBytesOf(seed, size);
  for (let at = 0, run = 0; at < size; run++) {
    const length = PAGE * (1 + Math.floor(randomOf(`${seed}/${run}`) * 40));
    const end = Math.min(size, at + length);
    if (run % 4 === 1) bytes.fill(0, at, end);
    if (run % 4 === 3) bytes.fill(`${seed} run ${run} `, at, end);
    at = end;
  }
  return bytes;
}

/** 32-bit floats as weights have them: their top bytes are much alike, the others are random. */
export function floatsOf(seed: string, size: number): Buffer {
  const random = randomBytesOf(seed, size);
  const floats = new Float32Array(size / 4);
  for (let at = 0; at < floats.length; at++) floats[at] = (random.readInt32LE(at * 4) / 2 ** 31) * 0.02;
  return Buffer.from(floats.buffer);
}

/** Writes parts with these bytes. */
export async function writeParts(
  directory: string,
  contents: Readonly<Record<string, Uint8Array>>,
): Promise<PartSource[]> {
  const parts: PartSource[] = [];
  for (const [name, bytes] of Object.entries(contents)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(path, 'w');
    await file.writeFile(bytes);
    parts.push({ name, kind: name.includes('pages') ? 'memory' : 'runtime', path });
  }
  return parts;
}
