// SPDX-License-Identifier: Apache-2.0
import type { ImageFacts } from '../../src/format/image-manifest.js';
import { noise, noisePages, type SamplePart } from './sample-image.js';

/** Where the images of the vectors say that they come from. */
export const SAMPLE_FACTS: ImageFacts = {
  checkpoint: 'ck-sample',
  workload: { kind: 'container', name: 'train' },
  node: 'node-a',
  createdAt: 1_700_000_000_000,
  runtime: { driver: 'criu', version: 1, data: { pids: [1, 2], tcp: null } },
  facts: { arch: 'x64', kernel: '6.18.0' },
  timings: [{ phase: 'dump', ms: 12.5 }],
  parent: 'ck-before',
};

/** Names of the packs of the vectors. */
export const SAMPLE_PACKS = ['pk-00000000000000000000000001', 'pk-00000000000000000000000002'] as const;

const PAGE = 4096;

/** Text, and what a compressor made of it once; kept because another version of it may make something else. */
const TEXT = Buffer.from(
  Array.from({ length: 130 }, (_, step) => `step ${step} loss ${(3 / (step + 1)).toFixed(4)}\n`).join(''),
);
export const TEXT_FRAME = Buffer.from(
  'KLUv/WA8Ca0PACaiQxPAJcMBYFmc//dKKWWSKaU+xeHcQwA8ADwAs5JsnC27l42ZDTFbDfZkzckRIS9DfogsHSxp7jC+w6bTYSzbtI9HqCH/JD7DvH4gBYKAggHAtg0WBoMB' +
    'AWECQUDBIDIxoZi0YrL6P/ylv/h//PJf5J/56ZcKCsUrExK9hEhIUEkEJ+qJuWTmoplptmme01yiuVYzuWaSmtfwykQMb+jhCVV4J98LmnsmilcS8Ugbb+Qa8mhO3szKk3l5' +
    'ny0W88U8ZKwzjHHc2GZyxyRiQhGTPyaVmJTEJAB07bouuYs2GlGJUnRnzzjlrJNCCy8k4Yaejh1pOnakjtSxI6tjVMepjlt5JatamSWsYrnV8orGXoEBqCFw8jrsnwFhRwWZ' +
    'NhFYpcXyARuqlBZRQk8l+mjZRgk9leijZRsl9FSi/1hFEsor1WQwTanjhVRziCpO0FRXKPmUBDvjwmbCmBkAMgWETBA4KLMsTrKcykrLgENGf/ZxUO8PQsMP5Mhh6J89HvR9' +
    'g+idcdcVZ5WjSGDRolJ7kONIAdJmJKAICUcYQIojhkHQSa/6QRBetIEhaDVQhGS89Ak0lFEp4CgIuRgVNbEDE444gOi1rFFRU3GZJpVOmIREpCUekWzEFEU5AZEmUEMFREKf' +
    '8xMsAyAWeoOBwDuVWXFWAQ==',
  'base64',
);

/** A bit of it that RFC 8878 calls unused: no decoder looks at it. */
export const TEXT_IDLE = { byte: 4, bit: 0x10 } as const;

/** Pages of which some are zero. */
function sparse(pages: number, filled: readonly number[], seed: number): Buffer {
  const bytes = Buffer.alloc(pages * PAGE);
  for (const page of filled) noisePages(1, seed + page).copy(bytes, page * PAGE);
  return bytes;
}

/** Words of which only the last byte is always the same, as in the weights of a model. */
function words(length: number, size: 2 | 4, seed: number): Buffer {
  const bytes = noise(length, seed);
  for (let at = size - 1; at < length; at += size) bytes[at] = 0x3c;
  return bytes;
}

/** Half noise, half the same. */
function half(length: number, seed: number): Buffer {
  return Buffer.concat([noise(length / 2, seed), Buffer.alloc(length / 2, seed)]);
}

/** The parts of the vectors: each codec, zero pages, holes, the same chunk twice, ends within a page, a part of no bytes. */
export const SAMPLE_PARTS: readonly SamplePart[] = [
  { name: 'criu/core-1.img', kind: 'runtime', pieces: [{ bytes: noise(1000, 1), how: 'raw' }] },
  { name: 'criu/empty.img', kind: 'runtime', pieces: [] },
  {
    name: 'criu/pages-1.img',
    kind: 'memory',
    pieces: [
      { bytes: sparse(32, [0, 5, 31], 2), how: 'raw' },
      256 * 1024,
      { bytes: half(2 * PAGE, 3), how: 'zstd' },
      { bytes: words(2 * PAGE, 4, 4), how: 'planes4' },
      { bytes: words(PAGE, 2, 5), how: 'planes2' },
      { bytes: sparse(31, [30], 6), how: 'raw' },
      { bytes: half(2 * PAGE, 3), how: 'zstd' },
      PAGE,
    ],
  },
  { name: 'log/stdout.log', kind: 'log', pieces: [{ bytes: TEXT, how: TEXT_FRAME }] },
  {
    name: 'rootfs.tar',
    kind: 'rootfs',
    pieces: [
      { bytes: Buffer.concat([half(2 * PAGE, 3)]), how: 'zstd' },
      { bytes: Buffer.concat([words(PAGE, 4, 7), Buffer.alloc(PAGE), words(1003, 4, 8)]), how: 'planes4' },
    ],
  },
  { name: 'volumes/all-zero', kind: 'volume', pieces: [100_001] },
];
