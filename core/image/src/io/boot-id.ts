// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

let known: string | undefined;

/** Changes with each start of the machine: files that were not made durable count only while it is the same. Errors: of the system, where it has none. */
export function bootId(): string {
  return (known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}
