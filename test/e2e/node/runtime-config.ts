// SPDX-License-Identifier: Apache-2.0
import { CONFIG, type RuntimeConfig } from '../../../runtimes/criu/src/config.js';

/** The options of the runtime, those that are not given as they are by default. */
export async function runtimeConfig(options: Partial<RuntimeConfig>): Promise<RuntimeConfig> {
  const parsed = await CONFIG['~standard'].validate(options);
  if (parsed.issues !== undefined) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}
