// SPDX-License-Identifier: Apache-2.0
import type { ImageSink } from '@grit/plugin-api';
import type { ToolVersions } from '../criu/tool-versions.js';
import type { NodeEnvironment } from '../node-environment.js';
import { headerLayout } from '../page-server/protocol.js';
import type { DumpRequest } from './dump-container.js';

/** Undefined when the pages go through files. Called before the freeze: what the sink prepares is no business of the workload's. */
export async function openPages(
  node: NodeEnvironment,
  sink: ImageSink,
  versions: () => Promise<ToolVersions>,
  signal: AbortSignal,
): Promise<DumpRequest['pages']> {
  if (node.config.pages === 'files' || sink.openPages === undefined) return undefined;
  return { layout: headerLayout((await versions()).criu), sink: await sink.openPages(signal) };
}
