// SPDX-License-Identifier: Apache-2.0

/** Loads the engine, which only a few commands need. */
export async function loadEngine(): Promise<typeof import('@grit/core')> {
  return await import('@grit/core');
}
