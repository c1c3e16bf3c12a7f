// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';

// Crockford's digits, lower-case: they sort as their values do.
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 9;
const SEQUENCE_DIGITS = 2;
const SEQUENCE_LIMIT = 32 ** SEQUENCE_DIGITS;

/** Makes ids that sort in the order of their making, also when the clock goes back. */
export class OperationIds {
  #time = 0;
  #sequence = 0;

  /** @param newest the last id that was made, by whomever */
  constructor(newest: string | undefined) {
    if (newest !== undefined) {
      this.#time = decode(newest.slice(3, 3 + TIME_DIGITS));
      this.#sequence = decode(newest.slice(3 + TIME_DIGITS, 3 + TIME_DIGITS + SEQUENCE_DIGITS));
    }
  }

  next(): string {
    const now = Date.now();
    if (now > this.#time) {
      this.#time = now;
      this.#sequence = 0;
    } else if (++this.#sequence === SEQUENCE_LIMIT) {
      this.#time += 1;
      this.#sequence = 0;
    }
    return `op-${encode(this.#time, TIME_DIGITS)}${encode(this.#sequence, SEQUENCE_DIGITS)}${randomDigits(7)}`;
  }
}

/** Random text of 5 bits a digit. */
export function randomDigits(length: number): string {
  return Array.from(randomBytes(length), (byte) => DIGITS[byte % 32]).join('');
}

function encode(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = `${DIGITS[rest % 32] ?? ''}${text}`;
  return text;
}

function decode(text: string): number {
  return Array.from(text).reduce((value, digit) => value * 32 + Math.max(0, DIGITS.indexOf(digit)), 0);
}
