// SPDX-License-Identifier: Apache-2.0

/** How stored bytes are made from data. The numbers are part of the format. */
export const CODEC = {
  /** As it is. */
  raw: 0,
  /** One zstd frame. */
  zstd: 1,
  /** fp32 byte planes: the top byte of each word as a zstd frame, the three others as they are. */
  planes: 2,
} as const;
