// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';

/** A command as `kubectl grit --help` shows it. */
export interface KubeCommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  load(): Promise<{ readonly command: KubeCommand }>;
}

/** The commands, in groups as the help shows them. */
export const KUBE_COMMAND_GROUPS: readonly (readonly [title: string, commands: readonly KubeCommandEntry[]])[] = [
  [
    'Pods',
    [
      {
        name: 'checkpoint',
        usage: 'POD',
        summary: 'store the state of a running pod',
        load: () => import('./checkpoint.js'),
      },
      {
        name: 'migrate',
        usage: 'POD | -l SELECTOR',
        summary: 'move pods to other nodes, where they go on',
        load: () => import('./migrate.js'),
      },
      {
        name: 'resume',
        usage: 'CHECKPOINT | POD',
        summary: 'let a frozen pod go on where it is',
        load: () => import('./resume.js'),
      },
    ],
  ],
  [
    'Nodes',
    [
      {
        name: 'drain',
        usage: 'NODE',
        summary: 'cordon a node and move its pods away',
        load: () => import('./drain.js'),
      },
    ],
  ],
  [
    'Looking',
    [
      {
        name: 'status',
        usage: '[KIND/NAME | POD]',
        summary: 'what is going on, one line a pod; or all about one',
        load: () => import('./status.js'),
      },
      {
        name: 'doctor',
        usage: '',
        summary: 'look for what is missing or wrong in the cluster',
        load: () => import('./doctor.js'),
      },
    ],
  ],
];

const COMMANDS = new Map(KUBE_COMMAND_GROUPS.flatMap(([, entries]) => entries.map((entry) => [entry.name, entry])));

/** Names of all commands. */
export const KUBE_COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

/** Loads a command; undefined for an unknown name. */
export async function loadKubeCommand(name: string): Promise<KubeCommand | undefined> {
  return (await COMMANDS.get(name)?.load())?.command;
}
