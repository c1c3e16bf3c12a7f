// SPDX-License-Identifier: Apache-2.0
import { withKeys } from '@grit/image';
import {
  GritError,
  isGritError,
  pluginServices,
  toGritError,
  type KeyProvider,
  type PluginInstance,
  type ServiceBinding,
  type StorageProvider,
} from '@grit/plugin-api';
import type { PluginReport } from '../api/platform-api.js';
import { describePlugin, type DiscoveredPlugin } from './discovery/discovered-plugin.js';
import type { PreparedPlugin } from './prepare-plugins.js';

/** A plugin of this process and how far it is. */
export class PluginSlot {
  readonly discovered: DiscoveredPlugin;
  #state: PluginReport['state'] = 'skipped';
  #error: GritError | undefined;
  #startedInMs = 0;
  #instance: PluginInstance | undefined;
  #services: readonly ServiceBinding[] = [];

  constructor(
    readonly prepared: PreparedPlugin,
    /** The platform does not start without it. */
    readonly vital: boolean,
    /** Of a storage whose images are encrypted; the plugin knows nothing of it. */
    private readonly keys?: KeyProvider,
  ) {
    this.discovered = prepared.discovered;
  }

  get name(): string {
    return this.discovered.name;
  }

  get error(): GritError | undefined {
    return this.#error;
  }

  get started(): boolean {
    return this.#state === 'started';
  }

  /** How likely it is the reason that the start failed: it broke, it was told to give up, another one took it along. */
  get blame(): number {
    if (this.#state !== 'failed') return 0;
    const { cause } = this.#error ?? {};
    return isGritError(cause) && cause.code === 'GRIT_ABORTED' ? 1 : 2;
  }

  /** Its services, once it is started. */
  get services(): readonly ServiceBinding[] {
    return this.started ? this.#services : [];
  }

  /** Ends what `create` has made. */
  get stop(): PluginInstance['stop'] {
    return this.#instance?.stop?.bind(this.#instance);
  }

  /** Takes what `create` has made. Throws GRIT_PLUGIN_MANIFEST_INVALID when it is not what the manifest says. */
  take(instance: PluginInstance, startedInMs: number): void {
    this.#instance = instance;
    this.#services = (instance.services ?? []).map((binding) => this.#encrypted(binding));
    const ids = (instance.services ?? []).map((binding) => binding.ref.id);
    const { provides } = this.discovered.manifest;
    const missing = provides.filter((id) => !ids.includes(id));
    const extra = ids.filter((id) => !provides.includes(id));
    if (missing.length > 0 || extra.length > 0) {
      const problems = [
        ...missing.map((id) => `does not provide ${id}, which its manifest promises`),
        ...extra.map((id) => `provides ${id}, which its manifest does not mention`),
      ];
      throw new GritError(
        'GRIT_PLUGIN_MANIFEST_INVALID',
        `${describePlugin(this.discovered)} ${problems.join(' and ')}`,
      );
    }
    this.#state = 'started';
    this.#startedInMs = startedInMs;
  }

  #encrypted(binding: ServiceBinding): ServiceBinding {
    if (this.keys === undefined || binding.ref.id !== pluginServices.storageProvider.id) return binding;
    return { ...binding, service: withKeys(binding.service as StorageProvider, this.keys) };
  }

  fail(cause: unknown, startedInMs: number): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const known = isGritError(cause) ? `${cause.code}: ` : '';
    this.#state = 'failed';
    this.#startedInMs = startedInMs;
    this.#error = new GritError('GRIT_PLUGIN_BOOT_FAILED', `${describePlugin(this.discovered)}: ${known}${reason}`, {
      cause,
      hint: isGritError(cause) ? cause.hint : undefined,
    });
  }

  /** It cannot start because another one did not. */
  skip(because: PluginSlot): void {
    this.#state = 'skipped';
    const reason = because.error === undefined ? 'did not start' : 'failed';
    this.#error = new GritError(
      'GRIT_PLUGIN_BOOT_FAILED',
      `${describePlugin(this.discovered)}: not started, because plugin "${because.name}" ${reason}`,
      { cause: because.error },
    );
  }

  stopped(error?: unknown): void {
    if (this.started) this.#state = 'skipped';
    this.#instance = undefined;
    if (error !== undefined) this.#error = toGritError(error);
  }

  /** For `grit plugin list`. */
  report(host: string, redact: <T>(value: T) => T): PluginReport {
    const { manifest, version, packageName, directory } = this.discovered;
    return {
      name: this.name,
      id: manifest.id,
      kind: manifest.kind,
      version,
      apiVersion: manifest.apiVersion,
      source: `${packageName} ${directory}`,
      state: this.#state,
      provides: manifest.provides,
      capabilities: manifest.capabilities,
      config: redact(this.prepared.loaded?.config ?? this.discovered.configured.config),
      startedInMs: this.#startedInMs,
      error: this.#error && { code: this.#error.code, message: redact(this.#error.message) },
      host,
    };
  }
}
