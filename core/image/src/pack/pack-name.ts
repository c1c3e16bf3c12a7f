// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const NAME = /^pk-[A-Za-z0-9]{26}$/;

/** A name that no other pack of any store has: `pk-` and 130 random bits. */
export function newPackName(): string {
  return `pk-${Array.from(randomBytes(26), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

export function isPackName(name: string): boolean {
  return NAME.test(name);
}

/** What a pack is called while it is written. */
export function partialName(name: string): string {
  return `${name}.partial`;
}
