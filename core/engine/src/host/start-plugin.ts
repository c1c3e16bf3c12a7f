// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  coreServices,
  GritError,
  provide,
  type HostInfo,
  type PluginInstance,
  type ServiceBinding,
  type ServiceRef,
} from '@grit/plugin-api';
import type { PluginSlot } from './plugin-slot.js';
import { withinDeadline } from './within-deadline.js';

/** What a plugin is started with. */
export interface StartSettings {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** The host's; the plugin gets a folder below it. */
  readonly stateDirectory: string;
  readonly host: Omit<HostInfo, 'stateDirectory'>;
  readonly services: readonly ServiceBinding[];
}

/** Starts one plugin; how it went is in the slot. */
export async function startPlugin(slot: PluginSlot, settings: StartSettings): Promise<void> {
  const began = performance.now();
  const { loaded, importError } = slot.prepared;
  let created: Promise<PluginInstance> | undefined;
  try {
    if (loaded === undefined) throw importError;
    settings.signal.throwIfAborted();
    const stateDirectory = join(settings.stateDirectory, 'plugins', slot.name);
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    const services = [...settings.services, provide(coreServices.host, { ...settings.host, stateDirectory })];
    const deps = Object.fromEntries(
      Object.entries(loaded.plugin.deps).map(([name, ref]) => [name, serviceFor(ref, services)]),
    );
    const instance = await withinDeadline('its start', settings.deadlineMs, settings.signal, (signal) => {
      created = loaded.plugin.create({ name: slot.name, config: loaded.config, deps, signal });
      return created;
    });
    created = undefined;
    await takeOrStop(slot, instance, performance.now() - began);
  } catch (error) {
    slot.fail(settings.signal.aborted ? gaveUp(error) : error, performance.now() - began);
    // Should it come after all, it is ended at once.
    created
      ?.then(
        (late) => late.stop?.(AbortSignal.timeout(1_000)),
        () => undefined,
      )
      .catch(() => undefined);
  }
}

async function takeOrStop(slot: PluginSlot, instance: PluginInstance, startedInMs: number): Promise<void> {
  try {
    slot.take(instance, startedInMs);
  } catch (error) {
    await withinDeadline('stop', 1_000, undefined, async (signal) => slot.stop?.(signal)).catch(() => undefined);
    throw error;
  }
}

function serviceFor(ref: ServiceRef<unknown>, services: readonly ServiceBinding[]): unknown {
  const found = services.filter((binding) => binding.ref.id === ref.id);
  if (found.length === 1) return found[0]?.service;
  const problem =
    found.length === 0 ? 'is not there' : `is provided by ${found.length} plugins; a plugin can have only one`;
  throw new GritError('GRIT_PLUGIN_DEPENDENCY_MISSING', `${ref.id} ${problem}`);
}

/** Another plugin has failed, or the whole process is ending: that is not this plugin's fault. */
function gaveUp(error: unknown): unknown {
  return error instanceof Error && error.name === 'AbortError'
    ? new GritError('GRIT_ABORTED', 'the start was given up', { cause: error })
    : error;
}
