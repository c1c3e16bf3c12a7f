// SPDX-License-Identifier: Apache-2.0

/** The kinds of plugins, each with the version of its contract that this package describes. */
export const PLUGIN_KINDS = {
  runtime: 'runtime/v1',
  device: 'device/v1',
  storage: 'storage/v1',
  trigger: 'trigger/v1',
  service: 'service/v1',
} as const;

/** The kind of a plugin. */
export type PluginKind = keyof typeof PLUGIN_KINDS;

/** The processes that load plugins. */
export type PluginHostRole = 'server' | 'agent';

/** Where plugins of a kind are loaded when their manifest does not say. */
export const DEFAULT_ROLES: Readonly<Record<PluginKind, readonly PluginHostRole[]>> = {
  runtime: ['agent'],
  device: ['agent'],
  storage: ['server', 'agent'],
  trigger: ['server'],
  service: ['server'],
};

/** `package.json#grit` of a plugin: read and checked before any of its code is loaded. */
export interface PluginManifest {
  /** Kebab-case, unique; by custom the package's name without its scope. */
  readonly id: string;
  readonly kind: PluginKind;
  /** Version of the kind's contract: `storage/v1`. */
  readonly apiVersion: string;
  /** Versions of GRIT that it works with: `^0.1.0`, `>=0.1.0 <2`. */
  readonly gritRange: string;
  /** Ids of the services that it provides. */
  readonly provides: readonly string[];
  /** Ids of the services that it needs. */
  readonly requires: readonly string[];
  /** Optional parts of its contract that it has: `launcher`; `stub` for a runtime that only says why it cannot work. */
  readonly capabilities: readonly string[];
  readonly runsIn: readonly PluginHostRole[];
}
