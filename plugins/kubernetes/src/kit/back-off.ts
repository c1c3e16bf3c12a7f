// SPDX-License-Identifier: Apache-2.0

/** Pause before try number `failures` (1 for the first): doubles from `firstMs` to `maxMs`, less up to a quarter by chance. */
export function backOffMs(
  failures: number,
  firstMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(full * (1 - random() / 4));
}
