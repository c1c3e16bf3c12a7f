// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type JsonObject } from '@grit/plugin-api';
import type { DumpTarget } from '../driver/dump-container.js';
import type { RunningContainer } from '../pod/pod-view.js';

/**
 * Makes a place in which runc finds the container, with one annotation more: the path of CRIU's options, most of which cannot be given to runc.
 * What containerd and its runc have stays as it is. @param directory - of ours, for this container
 */
export async function copyRuncState(container: RunningContainer, directory: string): Promise<DumpTarget> {
  const { id, name, runcRoot } = container;
  if (runcRoot === undefined) {
    throw new GritError('GRIT_UNSUPPORTED', `container ${name} does not run with runc`, {
      hint: 'Use a handler of the kind io.containerd.runc.v2.',
    });
  }
  const target = { runcRoot: join(directory, 'runc'), container: id, criuConfig: join(directory, 'criu.conf') };
  const state = JSON.parse(await readFile(join(runcRoot, id, 'state.json'), 'utf8')) as RuncState;
  const labels = (state.config.labels ?? []).filter((label) => !label.startsWith(CONFIG_LABEL));
  const config = { ...state.config, labels: [...labels, `${CONFIG_LABEL}${target.criuConfig}`] };
  const place = join(target.runcRoot, id);
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true, mode: 0o700 });
  await writeFile(join(place, 'state.json'), JSON.stringify({ ...state, config }), { mode: 0o600 });
  return target;
}

const CONFIG_LABEL = 'org.criu.config=';

/** The part of runc's state file that is read here; runc keeps annotations as labels. */
interface RuncState {
  readonly config: JsonObject & { readonly labels?: readonly string[] };
}
