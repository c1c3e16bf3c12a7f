// SPDX-License-Identifier: Apache-2.0

/** Numbers of the rounds, in their order. */
export type Samples = readonly number[];

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(samples: Samples): Summary {
  return { median: median(samples), min: round(Math.min(...samples)), max: round(Math.max(...samples)) };
}

export function median(samples: Samples): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return round((low + high) / 2);
}

/** Four significant digits: more would be noise. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
