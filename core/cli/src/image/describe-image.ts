// SPDX-License-Identifier: Apache-2.0
import type { CodecReport, ImageReport, PartReport } from '@grit/core';
import { formatFacts } from '../output/facts.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatMoment } from '../output/format-time.js';
import { formatTable, type Column } from '../output/table.js';
import { formatTimings } from '../output/timings-table.js';
import { formatShare } from './format-share.js';

/** Everything about an image. */
export function describeImage(image: ImageReport, columns: number, wide: boolean): string {
  const { bytes, packs, codecs, timings } = image;
  const used = packs.reduce((sum, pack) => sum + pack.used, 0);
  const facts = formatFacts([
    ['id', image.checkpoint],
    ['workload', image.workload.name],
    ['node', image.node],
    ['created', formatMoment(image.createdAt)],
    ['parent', image.parent],
    ['runtime', `${image.runtime.driver}, version ${String(image.runtime.version)}`],
    [
      'facts',
      Object.entries(image.facts)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ') || undefined,
    ],
    ['size', `${formatBytes(image.size)} (${String(image.size)} bytes)`],
    ['data', `${formatBytes(bytes.data)} without pages of zeros`],
    ['new', `${formatBytes(bytes.fresh)}${formatShare(bytes.fresh, bytes.data)} that no earlier image had`],
    ['stored', `${formatBytes(bytes.stored)}${formatShare(bytes.stored, image.size)} added to the store`],
    ['packs', `${String(packs.length)}, of which ${formatBytes(used)} are this image's`],
    ['encryption', image.encryption === null ? undefined : `AES-256-GCM, key ${image.encryption.keyId}`],
    ['hash', image.hash],
    ['digest', image.digest],
  ]);
  const parts = formatTable(image.parts, wide ? [...PARTS, DIGEST] : PARTS, wide ? Infinity : columns);
  const how = codecs.length === 0 ? '' : `\n${formatTable(codecs, CODECS, columns)}`;
  const took = timings.length === 0 ? '' : `\n${formatTimings(timings)}`;
  return `${facts}\n${parts}${how}${took}`;
}

const PARTS: readonly Column<PartReport>[] = [
  { title: 'PART', value: ({ name }) => name, shrinks: true },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'SIZE', value: ({ size }) => formatBytes(size), align: 'right' },
  { title: 'HOLES', value: ({ holes }) => formatBytes(holes), align: 'right' },
  { title: 'ZEROS', value: ({ zeros }) => formatBytes(zeros), align: 'right' },
  { title: 'DATA', value: ({ data }) => formatBytes(data), align: 'right' },
  { title: 'STORED', value: ({ stored }) => formatBytes(stored), align: 'right' },
  { title: 'CHUNKS', value: ({ chunks }) => String(chunks), align: 'right' },
];

const DIGEST: Column<PartReport> = { title: 'DIGEST', value: ({ digest }) => digest };

const CODECS: readonly Column<CodecReport>[] = [
  { title: 'CODEC', value: ({ codec }) => codec },
  { title: 'CHUNKS', value: ({ chunks }) => String(chunks), align: 'right' },
  { title: 'DATA', value: ({ data }) => formatBytes(data), align: 'right' },
  { title: 'STORED', value: ({ stored }) => formatBytes(stored), align: 'right' },
  { title: '%', value: ({ data, stored }) => ((stored / data) * 100).toFixed(1), align: 'right' },
];
