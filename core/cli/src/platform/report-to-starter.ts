// SPDX-License-Identifier: Apache-2.0
import { toGritError } from '@grit/plugin-api';

/** Runs a server; when a command started it, the error that ends it is told to that command before it is thrown. */
export async function reportToStarter(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (process.connected) await tell(toGritError(error).toJSON());
    throw error;
  }
}

function tell(message: object): Promise<void> {
  return new Promise((resolve) => {
    // A starter that has gone away needs no answer.
    process.send?.(message, undefined, undefined, () => resolve());
  });
}
