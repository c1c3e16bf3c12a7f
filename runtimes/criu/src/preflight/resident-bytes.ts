// SPDX-License-Identifier: Apache-2.0
import { readTextIfThere } from '../files/sealed-json.js';

/** Memory of a process that is in no file: what a dump has to write, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = (await readTextIfThere(`/proc/${pid}/status`)) ?? '';
  const sizes = [...status.matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$/gm)];
  return sizes.reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
}
