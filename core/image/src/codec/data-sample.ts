// SPDX-License-Identifier: Apache-2.0
import type { WordBytes } from './byte-planes.js';

/** Where a sample is taken, and how much at each place: whole words. */
const PROBES = 4;
const PROBE_BYTES = 1024;
const MAX_COUNT = PROBES * PROBE_BYTES;

/** What a sample says about data: the share of the bytes that is left, from 0 to 1. */
export interface DataSample {
  /** When all of it is given to zstd. */
  readonly zstd: number;
  /** When the top bytes of words of this size are given to zstd. */
  readonly planes: number;
  readonly word: WordBytes;
}

// Four positions in a word, 256 values each.
const counts = new Uint16Array(4 * 256);
const seen = new Uint32Array(1024);
// n * log2(n) of each possible count.
const WEIGHTS = Float64Array.from({ length: MAX_COUNT + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

/**
 * Looks at a few places of the data: how unevenly the values of its bytes are spread, for each position in words of 4, and how many
 * words come again. That foretells well enough what zstd will do, at a hundredth of its cost. Depends on the data only.
 */
export function sampleData(data: Uint8Array): DataSample {
  const repeats = count(data);
  // Entropy of the values at these positions together: of fp32's top bytes, of bf16's, of all.
  const four = { total: 0, weight: 0, values: 0 };
  const two = { total: 0, weight: 0, values: 0 };
  const all = { total: 0, weight: 0, values: 0 };
  for (let value = 0; value < 256; value++) {
    const low = counts[256 + value] ?? 0;
    const high = counts[768 + value] ?? 0;
    add(four, high);
    add(two, low + high);
    add(all, (counts[value] ?? 0) + low + (counts[512 + value] ?? 0) + high);
  }
  const planes4 = (3 + share(four)) / 4;
  const planes2 = (1 + share(two)) / 2;
  const word = planes2 < planes4 ? 2 : 4;
  return { zstd: share(all) * (1 - 0.9 * repeats), planes: Math.min(planes2, planes4), word };
}

// Fills the counts; returns the share of words that came again.
function count(data: Uint8Array): number {
  counts.fill(0);
  seen.fill(0);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const step = Math.max(PROBE_BYTES, Math.floor((data.length - PROBE_BYTES) / (PROBES - 1)) & ~3);
  let words = 0;
  let repeats = 0;
  for (let start = 0; start < PROBES * step; start += step) {
    const end = Math.min(start + PROBE_BYTES, data.length & ~3);
    for (let at = start; at < end; at += 4) {
      const word = view.getUint32(at, true);
      bump(word & 255);
      bump(256 + ((word >>> 8) & 255));
      bump(512 + ((word >>> 16) & 255));
      bump(768 + (word >>> 24));
      const slot = Math.imul(word, 0x9e3779b1) >>> 22;
      if (seen[slot] === word) repeats++;
      else seen[slot] = word;
      words++;
    }
  }
  return words === 0 ? 0 : repeats / words;
}

function bump(slot: number): void {
  counts[slot] = (counts[slot] ?? 0) + 1;
}

interface Spread {
  total: number;
  weight: number;
  values: number;
}

function add(spread: Spread, n: number): void {
  spread.total += n;
  spread.weight += WEIGHTS[n] ?? 0;
  if (n > 0) spread.values++;
}

// As a share of 8 bits; corrected for the sample being small (Miller, Madow).
function share({ total, weight, values }: Spread): number {
  if (total === 0) return 1;
  const bits = Math.log2(total) - weight / total + (values - 1) / (2 * total * Math.LN2);
  return Math.min(bits / 8, 1);
}
