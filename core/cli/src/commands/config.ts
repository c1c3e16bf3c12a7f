// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { printDocument } from '../output/print-document.js';
import { formatYaml } from '../output/yaml.js';

/** `grit config`. */
export const command: CommandSpec = {
  name: 'config',
  summary: 'check the configuration without starting anything, or show what it amounts to (without secrets)',
  arguments: [{ name: 'ACTION', required: true, choices: ['check', 'show'] }],
  options: [],
  examples: ['grit config check --config grit.yaml', 'grit config show --config grit.yaml --config dev'],
  async run(invocation, context) {
    const { terminal, format, stateDirectory, configPaths } = context;
    const { validateConfigWithoutStarting, effectiveConfig } = await import('@grit/core');
    const [path, ...overlays] = configPaths;
    const options = {
      stateDirectory,
      path,
      overlays,
      env: context.environment,
      cwd: context.workingDirectory,
    };
    if (invocation.positional(0) === 'show') {
      const shown = await effectiveConfig(options);
      if (!printDocument(terminal, format, shown)) terminal.out(formatYaml(shown));
      return 0;
    }
    const { loaded, plugins } = await validateConfigWithoutStarting(options);
    const names = plugins.map(({ name }) => name);
    if (!printDocument(terminal, format, { valid: true, files: loaded.files, plugins: names })) {
      const files = loaded.files.length === 0 ? 'The built-in configuration' : loaded.files.join(', ');
      terminal.out(`${files}: valid, plugins ${names.join(', ')}\n`);
    }
    return 0;
  },
};
