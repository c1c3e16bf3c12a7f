// SPDX-License-Identifier: Apache-2.0
import type { NodeEnvironment } from '../node-environment.js';
import { toolVersions, type ToolVersions } from './tool-versions.js';

/** Versions of the tools, asked once: a tool that is replaced while we run is seen after the next {@link forget}. */
export class KnownVersions {
  #versions: Promise<ToolVersions> | undefined;

  constructor(private readonly node: NodeEnvironment) {}

  readonly get = async (): Promise<ToolVersions> => {
    this.#versions ??= toolVersions(this.node);
    return this.#versions;
  };

  forget(): void {
    this.#versions = undefined;
  }
}
