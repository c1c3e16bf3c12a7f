// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '../json.js';
import type { StorageProvider } from './storage-provider.js';

/** Opens stores that are not in the configuration file: those of a cluster, which its users make and change while we run. */
export interface StorageFactory {
  /** Id of the plugin, by which a store names it: `storage-pvc`. */
  readonly id: string;
  /**
   * The store that the configuration describes; it is the plugin's own, and not yet checked. `path`, where given, is the mounted
   * volume that the store lies in. Reaches for nothing: that is what `check` is for. Throws GRIT_CONFIG_INVALID.
   */
  open(config: JsonObject, place: { readonly path?: string | undefined }): Promise<StorageProvider>;
}
