// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packFolder } from './pack-folder.js';

export interface OciImage {
  readonly name: string;
  /** Tar of all its files, which may be larger than what fits into memory; it is moved into the archive. */
  readonly layer: string;
  readonly command: readonly string[];
  /** NAME=VALUE. */
  readonly environment: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Writes an image of one layer as an OCI archive, by hand: there is no registry and no builder. The same layer gives the same bytes. */
export async function writeOciArchive(archive: string, image: OciImage, signal?: AbortSignal): Promise<void> {
  const layout = `${archive}.layout`;
  const blobs = join(layout, 'blobs', 'sha256');
  await rm(layout, { recursive: true, force: true });
  await mkdir(blobs, { recursive: true });

  const layer = await describeFile('application/vnd.oci.image.layer.v1.tar', image.layer, signal);
  await rename(image.layer, join(blobs, hexOf(layer)));
  const addJson = async (mediaType: string, value: unknown): Promise<Descriptor> => {
    const text = Buffer.from(JSON.stringify(value));
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const added = { mediaType, digest, size: text.length };
    await writeFile(join(blobs, hexOf(added)), text);
    return added;
  };
  const config = await addJson('application/vnd.oci.image.config.v1+json', {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: image.environment, Cmd: image.command },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const parts = { schemaVersion: 2, config, layers: [layer] };
  const manifest = await addJson('application/vnd.oci.image.manifest.v1+json', parts);
  const annotations = { 'io.containerd.image.name': image.name };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await packFolder(layout, `${archive}.new`, signal);
  await rename(`${archive}.new`, archive);
  await rm(layout, { recursive: true });
}

async function describeFile(mediaType: string, file: string, signal?: AbortSignal): Promise<Descriptor> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, signal === undefined ? {} : { signal });
  return { mediaType, digest: `sha256:${hash.digest('hex')}`, size: (await stat(file)).size };
}

function hexOf({ digest }: Descriptor): string {
  return digest.slice('sha256:'.length);
}
