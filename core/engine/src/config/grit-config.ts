// SPDX-License-Identifier: Apache-2.0
import type { AfterCheckpoint, JsonObject, TcpPolicy } from '@grit/plugin-api';
import type { RedisUrlEndpoint } from '@grit/queue';
import type { EncryptionConfig } from './encryption-config.js';
import type { RetentionConfig } from '../retention/retention-policy.js';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One plugin of the configuration. */
export interface PluginEntry {
  /** Name of a package, or the absolute path of one. */
  readonly use: string;
  /** As written, with secrets filled in; the plugin's own schema has not seen it yet. */
  readonly config: JsonObject;
  /** For storages: which checkpoints are deleted. */
  readonly retention?: RetentionConfig | undefined;
  /** For storages: the keys of images. */
  readonly encryption?: EncryptionConfig | undefined;
  /** `continue`: the platform starts without it when it fails. */
  readonly onBootFailure: 'fail' | 'continue';
}

/** A configuration, checked and complete. */
export interface GritConfig {
  readonly queue: { readonly redis: 'embedded' | RedisUrlEndpoint };
  readonly catalog: { readonly path: string };
  readonly node: {
    readonly name: string;
    readonly dataPlane: {
      /** Threads that pack a dump; default: by the number of cores. */
      readonly threads?: number | undefined;
      /** For pages on their way and for the index of known chunks, MiB. */
      readonly memoryMiB: number;
    };
    /** What stays on the disk of images that no restore uses, MiB. */
    readonly imageCache: { readonly keepMiB: number };
  };
  /** By the name that the configuration gives them. */
  readonly plugins: Readonly<Record<string, PluginEntry>>;
  readonly defaults: {
    /** Name of a plugin. */
    readonly storage: string;
    readonly afterCheckpoint: AfterCheckpoint;
    readonly tcp: TcpPolicy;
  };
  readonly log: { readonly level: LogLevel };
}
