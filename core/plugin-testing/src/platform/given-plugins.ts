// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import {
  configSchema,
  coreServices,
  definePlugin,
  pluginServices,
  provide,
  type GritPlugin,
  type RuntimeDriver,
  type StorageProvider,
  type Trigger,
  type WorkloadLauncher,
} from '@grit/plugin-api';

/** Makes what a given plugin provides, on the node that it is loaded on. */
type Given<T> = (node: string) => T;

// Shared by all copies of this package: the host imports the plugins by path.
const REGISTRY = Symbol.for('grit.dev/given-services');
const given = ((globalThis as Record<symbol, unknown>)[REGISTRY] ??= new Map()) as Map<string, Given<unknown>>;

/** Puts something of this process where a given plugin finds it; the key goes into the plugin's configuration. */
export function give<T>(make: Given<T>): { readonly key: string; readonly takeBack: () => void } {
  const key = randomUUID();
  given.set(key, make);
  return { key, takeBack: () => given.delete(key) };
}

function take(key: string, node: string): unknown {
  const make = given.get(key);
  if (make === undefined) throw new Error(`nothing was given under ${key}: this plugin is for tests in one process`);
  return make(node);
}

const config = configSchema({ key: { type: 'string', description: 'What startTestPlatform put there.' } });
const deps = { host: coreServices.host };

/** The entry of `fixtures/given-runtime`. */
export const givenRuntime: GritPlugin = definePlugin({
  config,
  deps,
  create: ({ config: { key }, deps: { host } }) => {
    const driver = take(key, host.node) as RuntimeDriver & WorkloadLauncher;
    return {
      services: [provide(pluginServices.runtimeDriver, driver), provide(pluginServices.workloadLauncher, driver)],
    };
  },
});

/** The entry of `fixtures/given-storage`. */
export const givenStorage: GritPlugin = definePlugin({
  config,
  deps,
  create: ({ config: { key }, deps: { host } }) => ({
    services: [provide(pluginServices.storageProvider, take(key, host.node) as StorageProvider)],
  }),
});

/** The entry of `fixtures/given-trigger`. */
export const givenTrigger: GritPlugin = definePlugin({
  config,
  deps,
  create: ({ config: { key }, deps: { host } }) => ({
    services: [provide(pluginServices.trigger, take(key, host.node) as Trigger)],
  }),
});
