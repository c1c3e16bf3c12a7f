// SPDX-License-Identifier: Apache-2.0
let count = 0;

/** A key that no other submission has: it makes a submission whose answer was lost safe to repeat. */
export function makeKey(): string {
  const random = Math.random().toString(36).slice(2, 10);
  return `cli-${Date.now().toString(36)}-${process.pid.toString(36)}-${String(count++)}-${random}`;
}
