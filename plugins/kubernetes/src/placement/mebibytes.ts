// SPDX-License-Identifier: Apache-2.0

/** Bytes, as sentences say them. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
