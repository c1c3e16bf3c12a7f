// SPDX-License-Identifier: Apache-2.0
import { closestName, toGritError, type GritError } from '@grit/plugin-api';
import type { OutputFormat } from './arguments/shared-options.js';
import { Invocation } from './arguments/invocation.js';
import { usageError } from './arguments/usage-error.js';
import type { CommandContext } from './command-context.js';
import { COMMAND_NAMES, loadCommand } from './commands/registry.js';
import { ExitWith } from './exit-codes.js';
import { reportError } from './output/report-error.js';
import { openTerminal, type Terminal } from './output/terminal.js';
import { Session } from './platform/session.js';
import { resolveConfigPaths, resolveStateDirectory } from './platform/state-directory.js';

/** Where a command line is run. */
export interface CommandLineProcess {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly terminal?: Terminal;
}

/** Runs a command line (without `node` and the script) and returns the exit code; nothing is thrown. */
export async function main(args: readonly string[], process: CommandLineProcess): Promise<number> {
  const terminal = process.terminal ?? openTerminal(process.environment);
  try {
    return await dispatch(args, process, terminal);
  } catch (error) {
    if (error instanceof ExitWith) return error.code;
    const told = toGritError(error);
    const stack = told.code === 'GRIT_INTERNAL' || Boolean(process.environment['GRIT_DEBUG']);
    return await reportError(told, { args, terminal, stack });
  }
}

async function dispatch(args: readonly string[], process: CommandLineProcess, terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h') return await showHelp(terminal);
  if (name === 'help')
    return rest[0] === undefined ? await showHelp(terminal) : await dispatch([rest[0], '--help'], process, terminal);
  if (name === '--version' || name === '-V') return await dispatch(['version', ...rest], process, terminal);
  if (name === '__complete') return await completeWords(rest, process, terminal);
  const spec = await loadCommand(name);
  if (spec === undefined) throw unknownCommand(name);
  const invocation = Invocation.parse(spec, rest);
  if (invocation.has('help')) {
    const { formatCommandHelp } = await import('./help.js');
    terminal.out(formatCommandHelp(spec, terminal.columns));
    return 0;
  }
  return await spec.run(invocation, createContext(invocation, process, terminal));
}

function createContext(
  invocation: Pick<Invocation, 'text' | 'texts'> | undefined,
  { environment, workingDirectory }: CommandLineProcess,
  terminal: Terminal,
): CommandContext {
  const stateDirectory = resolveStateDirectory(invocation?.text('state-dir'), environment, workingDirectory);
  const configPaths = resolveConfigPaths(invocation?.texts('config') ?? [], environment, workingDirectory);
  const onLost = () => terminal.error('The server is gone; starting it again.\n');
  return {
    terminal,
    environment,
    workingDirectory,
    format: (invocation?.text('output') ?? 'table') as OutputFormat,
    stateDirectory,
    configPaths,
    session: new Session({ stateDirectory, configPaths, onLost }),
  };
}

async function showHelp(terminal: Terminal): Promise<number> {
  const { formatHelp } = await import('./help.js');
  terminal.out(formatHelp(terminal.columns));
  return 0;
}

async function completeWords(
  words: readonly string[],
  process: CommandLineProcess,
  terminal: Terminal,
): Promise<number> {
  const [{ complete }, { listNames }] = await Promise.all([
    import('./completion/complete.js'),
    import('./completion/list-names.js'),
  ]);
  const { session } = createContext(undefined, process, terminal);
  const found = await complete(words, {
    commands: COMMAND_NAMES,
    load: loadCommand,
    names: (what) => listNames(session, what),
  });
  terminal.out(found.map((candidate) => `${candidate}\n`).join(''));
  return 0;
}

function unknownCommand(name: string): GritError {
  const meant = closestName(name, COMMAND_NAMES);
  return usageError(`grit has no command "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}
