// SPDX-License-Identifier: Apache-2.0
import { randomNumbers } from './random.js';

/** What a page of the synthetic memory holds; its bytes follow from kind and key. */
export const KIND = { zero: 0, random: 1, heap: 2 } as const;

/** Pages of a synthetic memory, in their order. */
export interface PageList {
  readonly kinds: Uint8Array;
  readonly keys: Uint32Array;
}

/** Shares of the kinds, as in the corpus of the first measurements: half weights, a fifth heap, a tenth duplicates, the rest zero. */
const WEIGHTS = 0.5;
const HEAP = 0.2;
const DUPLICATES = 0.1;

const MAX_CLUSTER_PAGES = 1024;

/** The memory of a job before its first step that is measured. */
export function firstPages(count: number): PageList {
  const random = randomNumbers(1);
  const kinds = new Uint8Array(count);
  const keys = new Uint32Array(count);
  for (let at = 0, key = 1; at < count;) {
    const share = random();
    const pages = Math.min(count - at, clusterPages(random, MAX_CLUSTER_PAGES));
    const copyOf = Math.floor(random() * Math.max(1, at - pages));
    for (let page = at; page < at + pages; page++) {
      if (share < WEIGHTS) [kinds[page], keys[page]] = [KIND.random, key++];
      else if (share < WEIGHTS + HEAP) [kinds[page], keys[page]] = [KIND.heap, key++];
      else if (share < WEIGHTS + HEAP + DUPLICATES) {
        kinds[page] = kinds[copyOf + page - at] ?? 0;
        keys[page] = keys[copyOf + page - at] ?? 0;
      }
    }
    at += pages;
  }
  return { kinds, keys };
}

/** The same memory later: a tenth of the pages changed in clusters, mostly outside of the weights; some inserted, some gone. */
export function laterPages({ kinds, keys }: PageList): PageList {
  const random = randomNumbers(2);
  const changed = { kinds: kinds.slice(), keys: keys.slice() };
  let key = 0x8000_0000;
  for (let left = Math.floor(kinds.length / 10); left > 0;) {
    const at = Math.floor(random() * kinds.length);
    if (kinds[at] === KIND.random && random() < 0.8) continue;
    const pages = Math.min(left, kinds.length - at, clusterPages(random, MAX_CLUSTER_PAGES));
    for (let page = at; page < at + pages; page++) {
      if (changed.kinds[page] === KIND.zero) changed.kinds[page] = KIND.heap;
      changed.keys[page] = key++;
    }
    left -= pages;
  }
  return shift(changed, random, key);
}

/** 36 places where pages come in or go: what shifts everything behind them in the file. */
function shift({ kinds, keys }: PageList, random: () => number, key: number): PageList {
  const places = Array.from({ length: 36 }, () => Math.floor(random() * kinds.length)).sort((a, b) => a - b);
  const pieces: { readonly kinds: Uint8Array; readonly keys: Uint32Array }[] = [];
  let from = 0;
  for (const [index, place] of places.entries()) {
    if (place <= from) continue;
    pieces.push({ kinds: kinds.subarray(from, place), keys: keys.subarray(from, place) });
    from = index % 3 === 0 ? place + 19 : place;
    if (index % 3 === 0) continue;
    const inserted = 28;
    pieces.push({
      kinds: new Uint8Array(inserted).fill(KIND.random),
      keys: new Uint32Array(inserted).map(() => key++),
    });
  }
  pieces.push({ kinds: kinds.subarray(from), keys: keys.subarray(from) });
  const count = pieces.reduce((sum, piece) => sum + piece.kinds.length, 0);
  const result = { kinds: new Uint8Array(count), keys: new Uint32Array(count) };
  let at = 0;
  for (const piece of pieces) {
    result.kinds.set(piece.kinds, at);
    result.keys.set(piece.keys, at);
    at += piece.kinds.length;
  }
  return result;
}

/** Log-uniform from one page on. */
function clusterPages(random: () => number, most: number): number {
  return Math.max(1, Math.floor(most ** random()));
}
