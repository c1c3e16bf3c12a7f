// SPDX-License-Identifier: Apache-2.0
import type { PluginReport } from '@grit/core';
import type { Column } from '../output/table.js';

/** Columns of `grit plugin list`. */
export const PLUGIN_COLUMNS: readonly Column<PluginReport>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ID', value: ({ id }) => id, shrinks: true },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'HOST', value: ({ host }) => host },
  { title: 'PROVIDES', value: ({ provides }) => provides.join(',') || '-', shrinks: true },
  { title: 'CAPABILITIES', value: ({ capabilities }) => capabilities.join(',') || '-', wide: true },
  { title: 'API', value: ({ apiVersion }) => apiVersion, wide: true },
  { title: 'START MS', value: ({ startedInMs }) => startedInMs.toFixed(1), align: 'right', wide: true },
  { title: 'SOURCE', value: ({ source }) => source, wide: true },
  { title: 'ERROR', value: ({ error }) => error?.code ?? '-', wide: true },
];
