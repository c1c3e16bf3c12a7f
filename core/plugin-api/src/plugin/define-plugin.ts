// SPDX-License-Identifier: Apache-2.0
import { brand, hasBrand, type Branded } from '../brand.js';
import type { ServiceBinding, ServiceRef } from './service-ref.js';
import type { StandardSchema } from './standard-schema.js';

/** The services behind a map of refs. */
export type ServicesOf<D extends Readonly<Record<string, ServiceRef<unknown>>>> = {
  readonly [N in keyof D]: D[N] extends ServiceRef<infer T> ? T : never;
};

/** What `create` is given. */
export interface PluginContext<C, D extends Readonly<Record<string, ServiceRef<unknown>>>> {
  /** The plugin's name in grit.yaml. */
  readonly name: string;
  /** The plugin's `config`, checked by its schema, secrets filled in. */
  readonly config: C;
  readonly deps: ServicesOf<D>;
  /** Aborted when the start has taken too long or the host gives up. */
  readonly signal: AbortSignal;
}

/** A created plugin. */
export interface PluginInstance {
  /** What it provides: exactly the ids of the manifest's `provides`. */
  readonly services?: readonly ServiceBinding[] | undefined;
  /** Ends it; services that it needs are still there. The signal is the deadline. */
  readonly stop?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** A plugin, as its package exports it by default. */
export interface GritPlugin extends Branded<'plugin'> {
  readonly config?: StandardSchema<unknown> | undefined;
  readonly deps: Readonly<Record<string, ServiceRef<unknown>>>;
  create(context: PluginContext<unknown, Readonly<Record<string, ServiceRef<unknown>>>>): Promise<PluginInstance>;
}

/** What a plugin's author writes. */
export interface PluginDefinition<C, D extends Readonly<Record<string, ServiceRef<unknown>>>> {
  /** Checks `config` of grit.yaml; without it the plugin has no configuration. */
  readonly config?: StandardSchema<C> | undefined;
  /** The services it wants, by the names that it gives them. The manifest's `requires` names those of other plugins. */
  readonly deps?: D | undefined;
  /** Makes the plugin. Nothing happens before it is called: importing a plugin has no side effect. */
  readonly create: (context: PluginContext<C, D>) => PluginInstance | Promise<PluginInstance>;
}

/** Makes a plugin: `export default definePlugin({ … })`. */
export function definePlugin<
  C = undefined,
  const D extends Readonly<Record<string, ServiceRef<unknown>>> = Readonly<Record<string, ServiceRef<unknown>>>,
>(definition: PluginDefinition<C, D>): GritPlugin {
  return brand(
    {
      config: definition.config,
      deps: definition.deps ?? {},
      create: async (context: PluginContext<unknown, Readonly<Record<string, ServiceRef<unknown>>>>) =>
        definition.create(context as unknown as PluginContext<C, D>),
    },
    'plugin',
  );
}

/** True for a plugin made by any copy of this package. */
export function isGritPlugin(value: unknown): value is GritPlugin {
  return hasBrand(value, 'plugin');
}
