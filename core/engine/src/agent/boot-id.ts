// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

let known: Promise<string> | undefined;

/** Changes with each start of the machine: files that were not made durable count only while it is the same. */
export function bootId(): Promise<string> {
  return (known ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim()));
}
