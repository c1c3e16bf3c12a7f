// SPDX-License-Identifier: Apache-2.0
import { runProgram } from './run-program.js';

export interface KubectlPlaces {
  readonly program: string;
  /** For its caches. */
  readonly directory: string;
  readonly kubeconfig: string;
}

/** Runs kubectl, untouched by the user's own settings; resolves with stdout, throws ClusterError with stderr. */
export async function kubectl(places: KubectlPlaces, args: readonly string[], input?: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: places.directory,
    KUBECONFIG: places.kubeconfig,
    KUBERC: 'off',
  };
  return await runProgram(places.program, args, { env, ...(input !== undefined && { input }) });
}
