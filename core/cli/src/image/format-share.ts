// SPDX-License-Identifier: Apache-2.0

/** ` (12.5 %)`; empty for a share of nothing. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 ? ` (${((part / whole) * 100).toFixed(1)} %)` : '';
}
