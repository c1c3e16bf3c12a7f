// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';

/** A command as `grit --help` shows it; its module is loaded when it is used. */
export interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  load(): Promise<{ readonly command: CommandSpec }>;
}

/** The commands, in groups as `grit --help` shows them. */
export const COMMAND_GROUPS: readonly (readonly [title: string, commands: readonly CommandEntry[]])[] = [
  [
    'Workloads',
    [
      { name: 'run', usage: '--name N -- CMD…', summary: 'start a command', load: () => import('./run.js') },
      {
        name: 'checkpoint',
        usage: 'NAME',
        summary: 'store the state of a workload',
        load: () => import('./checkpoint.js'),
      },
      { name: 'restore', usage: '[CHECKPOINT]', summary: 'bring a workload back', load: () => import('./restore.js') },
      {
        name: 'migrate',
        usage: 'NAME --to NODE',
        summary: 'move a workload to another node',
        load: () => import('./migrate.js'),
      },
      {
        name: 'release',
        usage: 'NAME',
        summary: 'let a held workload go on, or end it',
        load: () => import('./release.js'),
      },
      {
        name: 'stop',
        usage: '[NAME]',
        summary: 'stop a workload; without a name the platform',
        load: () => import('./stop.js'),
      },
      {
        name: 'wait',
        usage: 'NAME',
        summary: 'wait for the end; exit with its exit code',
        load: () => import('./wait.js'),
      },
      { name: 'logs', usage: '[-f] NAME', summary: 'what a workload wrote', load: () => import('./logs.js') },
    ],
  ],
  [
    'Records',
    [
      {
        name: 'get',
        usage: 'KIND',
        summary: 'list workloads, checkpoints, operations, nodes',
        load: () => import('./get.js'),
      },
      {
        name: 'describe',
        usage: 'KIND NAME',
        summary: 'everything about one of them',
        load: () => import('./describe.js'),
      },
      {
        name: 'delete',
        usage: 'KIND NAME',
        summary: 'delete a workload or a checkpoint',
        load: () => import('./delete.js'),
      },
      { name: 'pin', usage: 'CHECKPOINT', summary: 'never delete it, by nobody', load: () => import('./pin.js') },
      { name: 'unpin', usage: 'CHECKPOINT', summary: 'let it be deleted again', load: () => import('./unpin.js') },
      {
        name: 'cancel',
        usage: 'OPERATION',
        summary: 'end an operation and take it back',
        load: () => import('./cancel.js'),
      },
      {
        name: 'image',
        usage: 'ACTION',
        summary: 'list, inspect, compare, verify, export, import images',
        load: () => import('./image.js'),
      },
      {
        name: 'rekey',
        usage: '[CHECKPOINT…]',
        summary: 'give images the current key of their storage',
        load: () => import('./rekey.js'),
      },
    ],
  ],
  [
    'Storages',
    [
      {
        name: 'gc',
        usage: '',
        summary: 'delete what is not kept, and what no image needs',
        load: () => import('./gc.js'),
      },
      { name: 'du', usage: '', summary: 'the room that checkpoints take', load: () => import('./du.js') },
      { name: 'verify', usage: '[CHECKPOINT…]', summary: 'look for damage', load: () => import('./verify.js') },
      {
        name: 'copy',
        usage: 'CHECKPOINT --to S',
        summary: 'copy a checkpoint to another storage',
        load: () => import('./copy.js'),
      },
    ],
  ],
  [
    'Platform',
    [
      { name: 'server', usage: '', summary: 'run the server in the foreground', load: () => import('./server.js') },
      { name: 'agent', usage: '--node N', summary: 'run the agent of a node', load: () => import('./agent.js') },
      { name: 'plugin', usage: 'list', summary: 'list the plugins', load: () => import('./plugin.js') },
      {
        name: 'config',
        usage: 'check|show',
        summary: 'check or show the configuration',
        load: () => import('./config.js'),
      },
      { name: 'doctor', usage: '', summary: 'look for what is missing or wrong', load: () => import('./doctor.js') },
      {
        name: 'completion',
        usage: 'SHELL',
        summary: 'completion for bash, zsh, fish',
        load: () => import('./completion.js'),
      },
      { name: 'version', usage: '', summary: 'show versions', load: () => import('./version.js') },
    ],
  ],
];

const COMMANDS = new Map(COMMAND_GROUPS.flatMap(([, entries]) => entries.map((entry) => [entry.name, entry])));

/** Names of all commands. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

/** Loads a command; undefined for an unknown name. */
export async function loadCommand(name: string): Promise<CommandSpec | undefined> {
  return (await COMMANDS.get(name)?.load())?.command;
}
