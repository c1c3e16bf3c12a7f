// SPDX-License-Identifier: Apache-2.0

export const MIB = 1024 * 1024;

/** What the service allows. */
export const S3_LIMITS = {
  parts: 10_000,
  /** But for the last part. */
  smallestPart: 5 * MIB,
  largestPart: 5 * 1024 * MIB,
  largestObject: 5 * 1024 * 1024 * MIB,
} as const;

/** What is sent in one request, from a source that has it again: larger ones lose much when they break off. */
export const LARGEST_SINGLE = 128 * MIB;
const FROM_SOURCE = 64 * MIB;

/** A stream's parts are in memory, so they begin small. */
export const FIRST_STREAM_PART = 5 * MIB;
const DOUBLED_AFTER = 900;
/** Memory for the parts of one stream that are on their way. */
const STREAM_MEMORY = 10 * MIB;

/** Size of the part of a stream of unknown length, counted from 1: all of them together hold the largest object. */
export function streamPartSize(number: number, first = FIRST_STREAM_PART): number {
  return Math.min(S3_LIMITS.largestPart, first * 2 ** Math.floor((number - 1) / DOUBLED_AFTER));
}

/** How many parts of this size may be on their way at once. */
export function partsAtOnce(size: number): number {
  return Math.max(1, Math.floor(STREAM_MEMORY / size));
}

/** The size of all parts, but the last, of an object of known size. */
export function sourcePartSize(size: number): number {
  return Math.max(FROM_SOURCE, Math.ceil(size / S3_LIMITS.parts / MIB) * MIB);
}
