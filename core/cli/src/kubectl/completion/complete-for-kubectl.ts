// SPDX-License-Identifier: Apache-2.0
import { complete, FILES } from '../../completion/complete.js';
import { KUBE_COMMAND_NAMES, loadKubeCommand } from '../commands/registry.js';
import { KUBECTL_GRIT } from '../options.js';

/** Directives of the protocol that kubectl completes plugins by: no files, or what the shell does of its own. */
const NO_FILES = 4;
const DEFAULT = 0;

/**
 * What kubectl asks for by `kubectl_complete-grit WORDS…`: candidates, one a line, and a directive. Nothing is said of what goes wrong: the
 * shell has no place for it.
 */
export async function completeForKubectl(words: readonly string[]): Promise<string> {
  const found = await complete(words, {
    commands: KUBE_COMMAND_NAMES,
    options: KUBECTL_GRIT.options,
    load: loadKubeCommand,
    names: async (what) => {
      const { listClusterNames } = await import('./list-cluster-names.js');
      return await listClusterNames(what, words);
    },
  });
  if (found[0] === FILES) return `:${DEFAULT}\n`;
  return [...found, `:${NO_FILES}`].map((line) => `${line}\n`).join('');
}
