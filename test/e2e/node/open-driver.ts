// SPDX-License-Identifier: Apache-2.0
import { pluginServices, type HostInfo, type JsonObject, type Logger, type RuntimeDriver } from '@grit/plugin-api';
import plugin from '@grit/runtime-criu';

/** The runtime driver as an agent has it, with the options of grit.yaml. What it logs goes to stderr. */
export async function openDriver(stateDirectory: string, options: JsonObject): Promise<RuntimeDriver> {
  const parsed = await plugin.config?.['~standard'].validate(options);
  if (parsed === undefined || parsed.issues !== undefined) throw new Error(JSON.stringify(parsed?.issues));
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
  const host: HostInfo = { role: 'agent', node: 'node', version: '0.0.0', plugins: [], stateDirectory };
  const { signal } = new AbortController();
  const created = await plugin.create({ name: 'runtime-criu', config: parsed.value, deps: { host, logger }, signal });
  const binding = created.services?.find(({ ref }) => ref.id === pluginServices.runtimeDriver.id);
  if (binding === undefined) throw new Error('the plugin has no driver');
  return binding.service as RuntimeDriver;
}
