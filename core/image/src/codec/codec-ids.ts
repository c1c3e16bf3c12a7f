// SPDX-License-Identifier: Apache-2.0

/** How stored bytes are made from data. The numbers are part of the format. */
export const CODEC = {
  /** As it is. */
  raw: 0,
  /** One zstd frame. */
  zstd: 1,
  /** Byte planes of numbers: the top byte of each word as a zstd frame, the other bytes as they are. See byte-planes. */
  planes: 2,
} as const;

/** One of {@link CODEC}. */
export type Codec = (typeof CODEC)[keyof typeof CODEC];
