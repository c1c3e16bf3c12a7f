// SPDX-License-Identifier: Apache-2.0
import { checkName, type WorkloadSpec } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS } from '../arguments/shared-options.js';
import type { Invocation } from '../arguments/invocation.js';
import { parseDevice } from '../arguments/parse-device.js';
import { parseEnv } from '../arguments/parse-env.js';
import { parseLimits } from '../arguments/parse-limits.js';
import { parseMount } from '../arguments/parse-mount.js';
import { usageError } from '../arguments/usage-error.js';
import type { CommandContext } from '../command-context.js';
import { followLog } from '../logs/follow-log.js';
import { liesOutsideRoot } from '../platform/lies-outside-root.js';
import { reportOperation } from '../operations/report-operation.js';
import { follow, runOperation, type Wanted } from '../operations/run-operation.js';

/** `grit run`. */
export const command: CommandSpec = {
  name: 'run',
  summary: 'start a command in a container whose root is an overlay of this machine',
  arguments: [],
  takesCommandLine: true,
  options: [
    { name: 'name', value: 'NAME', summary: 'name of the workload' },
    { name: 'env', value: 'K=V', repeatable: true, summary: 'environment; a bare K takes the value from here' },
    {
      name: 'mount',
      value: 'SRC:DST[:ro]',
      repeatable: true,
      completes: 'files',
      summary: 'bind a path of this machine',
    },
    {
      name: 'device',
      value: 'PATH[:PATH-IN-CONTAINER]',
      repeatable: true,
      completes: 'files',
      summary: 'add a device of this machine to the container',
    },
    { name: 'limit', value: 'WHAT=N', repeatable: true, summary: 'memory=1g, cpus=1.5 or pids=100' },
    { name: 'workdir', value: 'DIR', summary: 'working directory in the container (default: the current one)' },
    { name: 'node', value: 'NODE', completes: 'nodes', summary: 'node to run on' },
    { name: 'detach', short: 'd', summary: 'return when it has started (the default)' },
    { name: 'follow', short: 'f', summary: "show the log until it ends; exit with the workload's exit code" },
    { name: 'rm', summary: 'with --follow: delete what is left of it when it has ended' },
    ...SUBMIT_OPTIONS,
  ],
  examples: ['grit run --name train -- python3 train.py', 'grit run --name t --limit memory=2g -f -- ./job.sh'],
  async run(invocation, context) {
    const wanted = requestOf(invocation, context);
    const shows = invocation.has('follow') || invocation.has('rm');
    if (!shows || invocation.has('no-wait')) return await runOperation(invocation, context, wanted);
    const watched = await follow(context, wanted, invocation.text('key'));
    if (watched.status.phase !== 'Succeeded') return reportOperation(watched, context);
    const name = invocation.text('name') ?? '';
    const exit = await followLog(context, name);
    if (invocation.has('rm')) await follow(context, { kind: 'delete', workload: { kind: 'container', name } });
    return exit;
  },
};

function requestOf(invocation: Invocation, context: CommandContext): Wanted {
  if (invocation.has('detach') && (invocation.has('follow') || invocation.has('rm'))) {
    throw usageError('--detach and --follow exclude each other', 'run');
  }
  const name = invocation.text('name');
  if (name === undefined) throw usageError('grit run needs --name NAME', 'run');
  if (invocation.commandLine.length === 0) throw usageError('grit run needs a command after --', 'run');
  const env = parseEnv(invocation.texts('env'), context.environment);
  const limits = parseLimits(invocation.texts('limit'));
  const mounts = invocation.texts('mount').map((mount) => parseMount(mount, context.workingDirectory));
  const devices = invocation.texts('device').map((device) => parseDevice(device, context.workingDirectory));
  const workingDirectory = invocation.text('workdir') ?? context.workingDirectory;
  if (liesOutsideRoot(workingDirectory, mounts)) {
    context.terminal.error(
      `note: ${workingDirectory} is on another file system than /, so the container does not see its files;\n` +
        `      --mount ${workingDirectory}:${workingDirectory} shows them.\n`,
    );
  }
  const spec: WorkloadSpec = {
    name: checkName(name, '--name'),
    command: invocation.commandLine,
    workingDirectory,
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(devices.length === 0 ? {} : { devices }),
    ...(limits === undefined ? {} : { limits }),
  };
  const node = invocation.text('node');
  return { kind: 'run', spec, ...(node === undefined ? {} : { node }) };
}
