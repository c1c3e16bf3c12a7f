// SPDX-License-Identifier: Apache-2.0
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `131.2 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
