// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import {
  coreServices,
  definePlugin,
  provide,
  pluginServices,
  type GritPlugin,
  type ServiceBinding,
  type StandardSchema,
} from '@grit/plugin-api';
import { withBarriers } from './barriers.js';
import type { FaultTarget } from './intercept.js';
import { withFaultsFrom } from './with-faults.js';

const HOST = 'host of the fault plugin';
const WRAPPED = new Set<string>(
  [pluginServices.runtimeDriver, pluginServices.workloadLauncher, pluginServices.storageProvider].map(({ id }) => id),
);

/**
 * A plugin with barriers and faults around what it provides. Its configuration has one key more, `faults`: a directory, in which
 * {@link Barriers} puts them. They count in all processes; below `faults/NODE` and `faults/server`, `faults/agent` in that one only.
 */
export function withFaultControl(plugin: GritPlugin): GritPlugin {
  return definePlugin({
    config: configOf(plugin),
    deps: { ...plugin.deps, [HOST]: coreServices.host },
    create: async (context) => {
      const { faults, inner } = context.config;
      const host = context.deps[HOST];
      const directories = [faults, join(faults, host.node), join(faults, host.role)];
      const created = await plugin.create({ ...context, config: inner });
      return { ...created, services: created.services?.map((binding) => wrap(binding, directories)) };
    },
  });
}

function wrap(binding: ServiceBinding, directories: readonly string[]): ServiceBinding {
  if (!WRAPPED.has(binding.ref.id)) return binding;
  // Faults stand inside: a barrier before a call holds before the fault strikes.
  const service = withBarriers(withFaultsFrom(binding.service as FaultTarget, directories), directories);
  return provide(binding.ref, service);
}

function configOf(plugin: GritPlugin): StandardSchema<{ readonly faults: string; readonly inner: unknown }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'grit',
      validate: async (value) => {
        const { faults, ...rest } = (value ?? {}) as Record<string, unknown>;
        if (typeof faults !== 'string') return { issues: [{ message: 'expected a directory', path: ['faults'] }] };
        if (plugin.config === undefined) return { value: { faults, inner: undefined } };
        const result = await plugin.config['~standard'].validate(rest);
        return result.issues ? result : { value: { faults, inner: result.value } };
      },
    },
  };
}
