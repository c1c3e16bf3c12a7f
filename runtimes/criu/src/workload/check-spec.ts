// SPDX-License-Identifier: Apache-2.0
import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import { GritError, checkName, type ErrorCode, type WorkloadSpec } from '@grit/plugin-api';
import { OWN_MOUNTS } from '../container/bundle.js';
import { checkDevices } from './check-devices.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Refuses what cannot work before anything is made. */
export async function checkSpec(spec: WorkloadSpec): Promise<void> {
  checkName(spec.name, 'name');
  if (spec.command.length === 0) throw invalid('command: at least one word is needed');
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!/^[^=\0]+$/.test(name) || value.includes('\0')) throw invalid(`env: ${JSON.stringify(name)} cannot be set`);
  }
  if (spec.command.some((word) => word.includes('\0'))) throw invalid('command: a word has a zero byte');
  if (spec.workingDirectory !== undefined && !isAbsolute(spec.workingDirectory)) {
    throw invalid('workingDirectory: expected an absolute path');
  }
  for (const [name, value] of Object.entries(spec.limits ?? {})) {
    if (value !== undefined && !(Number(value) > 0)) throw invalid(`limits.${name}: expected a number above 0`);
  }
  await checkMounts(spec, 'GRIT_WORKLOAD_START_FAILED');
  await checkDevices(spec, 'GRIT_WORKLOAD_START_FAILED');
  await checkCommand(spec);
}

/** The sources must be there, the destinations must not hide what the runtime needs. */
export async function checkMounts(spec: WorkloadSpec, code: ErrorCode): Promise<void> {
  for (const { source, destination } of spec.mounts ?? []) {
    if (!isAbsolute(source)) throw invalid(`mounts: source ${source} is not an absolute path`);
    if (!isAbsolute(destination) || normalize(destination) !== destination || destination === '/') {
      throw invalid(`mounts: destination ${destination} is not a plain absolute path below /`);
    }
    if (OWN_MOUNTS.some((own) => destination === own || own.startsWith(`${destination}/`))) {
      throw invalid(`mounts: destination ${destination} belongs to the container itself`);
    }
    await stat(source).catch((error: unknown) => {
      throw new GritError(code, `mounts: source ${source} is not there`, { cause: error, hint: 'Create it first.' });
    });
  }
}

/** The command runs behind a shell's exec, which would only say it in the log. */
async function checkCommand(spec: WorkloadSpec): Promise<void> {
  const [command = ''] = spec.command;
  const start = spec.workingDirectory ?? '/';
  const candidates = command.includes('/')
    ? [resolve(start, command)]
    : (spec.env?.PATH ?? PATH).split(':').map((directory) => join(resolve(start, directory), command));
  const mounts = (spec.mounts ?? []).map(({ destination }) => destination);
  for (const path of candidates) {
    // What is below a mount is seen only inside.
    if (mounts.some((mount) => path.startsWith(`${mount}/`) || path === mount)) return;
    const found = await access(path, constants.X_OK).then(
      async () => (await stat(path)).isFile(),
      () => false,
    );
    if (found) return;
  }
  throw new GritError('GRIT_WORKLOAD_START_FAILED', `${command}: no such program`, {
    hint: "Give the program's absolute path, or set PATH with --env.",
  });
}

function invalid(message: string): GritError {
  return new GritError('GRIT_REQUEST_INVALID', message);
}
