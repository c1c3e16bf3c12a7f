// SPDX-License-Identifier: Apache-2.0
import { closestName, toGritError, type GritError } from '@grit/plugin-api';
import { Invocation } from '../arguments/invocation.js';
import type { OutputFormat } from '../arguments/shared-options.js';
import { usageError } from '../arguments/usage-error.js';
import { ExitWith } from '../exit-codes.js';
import type { CommandLineProcess } from '../main.js';
import { reportError } from '../output/report-error.js';
import { openTerminal, type Terminal } from '../output/terminal.js';
import { readVersion } from '../platform/read-version.js';
import { KUBE_COMMAND_NAMES, loadKubeCommand } from './commands/registry.js';
import type { KubeContext } from './kube-context.js';
import { KUBECTL_GRIT } from './options.js';

/** Runs a command line of `kubectl grit` and returns the exit code; nothing is thrown. */
export async function main(args: readonly string[], process: CommandLineProcess): Promise<number> {
  const terminal = process.terminal ?? openTerminal(process.environment);
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof ExitWith) return error.code;
    const { explainKubeError } = await import('./cluster/explain-kube-error.js');
    const stack = Boolean(process.environment['GRIT_DEBUG']);
    return await reportError(toGritError(explainKubeError(error)), { args, terminal, stack });
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h') return await showHelp(terminal);
  if (name === 'help')
    return rest[0] === undefined ? await showHelp(terminal) : await dispatch([rest[0], '-h'], terminal);
  if (name === '--version' || name === '-V') {
    terminal.out(`kubectl grit ${readVersion()}\n`);
    return 0;
  }
  if (name === '__complete') {
    const { completeForKubectl } = await import('./completion/complete-for-kubectl.js');
    terminal.out(await completeForKubectl(rest));
    return 0;
  }
  const spec = await loadKubeCommand(name);
  if (spec === undefined) throw unknownCommand(name);
  const invocation = Invocation.parse(spec, rest, KUBECTL_GRIT);
  if (invocation.has('help')) {
    const { formatCommandHelp } = await import('../help.js');
    terminal.out(formatCommandHelp(spec, terminal.columns, KUBECTL_GRIT));
    return 0;
  }
  return await spec.run(invocation, contextOf(invocation, terminal));
}

function contextOf(invocation: Invocation, terminal: Terminal): KubeContext {
  const place = {
    kubeconfig: invocation.text('kubeconfig'),
    context: invocation.text('context'),
    namespace: invocation.text('namespace'),
  };
  return { terminal, format: (invocation.text('output') ?? 'table') as OutputFormat, place };
}

async function showHelp(terminal: Terminal): Promise<number> {
  const { formatKubeHelp } = await import('./help.js');
  terminal.out(formatKubeHelp(terminal.columns));
  return 0;
}

function unknownCommand(name: string): GritError {
  const meant = closestName(name, KUBE_COMMAND_NAMES);
  const question = meant === undefined ? '' : `; did you mean ${meant}?`;
  return usageError(`kubectl grit has no command "${name}"${question}`, undefined, KUBECTL_GRIT.name);
}
