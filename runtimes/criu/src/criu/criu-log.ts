// SPDX-License-Identifier: Apache-2.0
import { readTextIfThere } from '../files/sealed-json.js';

const LINES = 12;

/** What CRIU says about its failure: the errors of its log, else its last lines. */
export async function criuLogTail(path: string): Promise<string> {
  const lines = ((await readTextIfThere(path)) ?? '').trim().split('\n');
  const errors = lines.filter((line) => line.includes('Error ('));
  return (errors.length > 0 ? errors : lines).slice(-LINES).join('\n');
}
