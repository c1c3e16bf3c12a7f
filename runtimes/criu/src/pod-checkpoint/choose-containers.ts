// SPDX-License-Identifier: Apache-2.0
import { GritError, type ContainerChoice } from '@grit/plugin-api';

/** What becomes of the containers of a pod that are not in its image, by name. */
export interface ChosenContainers {
  /** They begin anew with the pod that is restored. */
  readonly leftOut: readonly string[];
  /** Init containers that had done their work, which is in the image. */
  readonly finished: readonly string[];
}

/**
 * Who is left out: what is excluded, and what runs and is not included. An init container that has ended is left out only by its name, and then runs
 * once more. Throws GRIT_WORKLOAD_NOT_RUNNING for one that is included and not there. @param known - all names @param running - those that run
 */
export function chooseContainers(
  known: readonly string[],
  running: readonly { readonly name: string }[],
  { include, exclude = [] }: ContainerChoice = {},
): ChosenContainers {
  const missing = include?.find((name) => !known.includes(name));
  if (missing !== undefined) {
    const message = `container ${missing} is not there; the pod has ${known.join(', ')}`;
    throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', message);
  }
  const all = [...new Set([...known, ...exclude])];
  const runs = (name: string): boolean => running.some((one) => one.name === name);
  const isLeftOut = (name: string): boolean =>
    exclude.includes(name) || (runs(name) && include?.includes(name) === false);
  return {
    leftOut: all.filter(isLeftOut),
    finished: all.filter((name) => !runs(name) && !isLeftOut(name)),
  };
}
