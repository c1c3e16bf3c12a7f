// SPDX-License-Identifier: Apache-2.0
import { startCluster, type Cluster } from '../../cluster/index.js';
import { gritImages } from '../../cluster/grit-image.js';
import { Release } from '../helm/release.js';
import { NodePlatform } from './node-platform.js';

export interface ChartPlatformOptions {
  /** Of the chart, as for `--set`. */
  readonly values?: readonly string[];
  /** Called before the release is installed; its namespace is there. */
  readonly beforeInstall?: (cluster: Cluster) => Promise<void>;
}

/** Real nodes on which GRIT was installed as people install it: by the chart, its server, queue and agents as pods. */
export class ChartPlatform extends NodePlatform {
  private constructor(
    cluster: Cluster,
    private readonly release: Release,
  ) {
    super(cluster);
  }

  /** Throws PackagesUnavailable where the images cannot be made. */
  static async start(
    nodes: readonly string[],
    signal: AbortSignal,
    { values = [], beforeInstall }: ChartPlatformOptions = {},
  ): Promise<ChartPlatform> {
    const images = await gritImages(signal);
    const cluster = await startCluster({ nodes, handler: false }, signal);
    try {
      const release = await Release.prepare(cluster, nodes, images);
      await beforeInstall?.(cluster);
      await release.run('install', values);
      await release.untilAtWork();
      return new ChartPlatform(cluster, release);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  logTails(lines: number): Promise<string> {
    return this.release.logs(lines);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
  }
}
