// SPDX-License-Identifier: Apache-2.0
import type { DeviceRecord, ImageSource, TcpPolicy } from '@grit/plugin-api';
import type { ToolVersions } from '../criu/tool-versions.js';
import { checkImage, DRIVER_ID, incompatible } from '../driver/image-record.js';

/** Version of the record of a pod; a single container has another. */
export const POD_RECORD_VERSION = 2;

/** A container of a pod that was dumped. */
interface PodRecordContainer {
  readonly name: string;
  /** A restartable init container. */
  readonly sidecar: boolean;
  /** Destinations of the mounts in its specification. */
  readonly mounts: readonly string[];
}

/**
 * What a restore of a pod needs beside the parts: `containers/NAME/criu/…`, `containers/NAME/rootfs.tar`, `containers/NAME/config.json`,
 * `volumes/NAME.tar` and `shm.tar`.
 */
export interface PodRecord {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly hostname: string;
  /** In the order of the pod. */
  readonly containers: readonly PodRecordContainer[];
  /** Init containers that had done their work. Missing, as the next two, in records of before: then all others are such. */
  readonly finished?: readonly string[] | undefined;
  /** Containers that begin anew. */
  readonly leftOut?: readonly string[] | undefined;
  /** Whether those that were not there begin anew, too: only some were wanted. */
  readonly othersLeftOut?: boolean | undefined;
  /** Those of the kind emptyDir. */
  readonly volumes: readonly { readonly name: string }[];
  /** Whether there is a part with the content of /dev/shm. */
  readonly shm: boolean;
  /** How it was dumped, and is restored. */
  readonly tcp: TcpPolicy;
  /** Bytes, by part. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly versions: ToolVersions;
  /** Where processes use devices. */
  readonly devices?: DeviceRecord | undefined;
  /** Whether their state did not fit a memory limit. */
  readonly raised?: boolean | undefined;
}

/** The record of an image, after all checks. Throws GRIT_RESTORE_INCOMPATIBLE or what is wrong with a part. */
export async function readPodRecord(source: ImageSource, here: ToolVersions): Promise<PodRecord> {
  const { driver, version, data } = source.runtime;
  if (driver !== DRIVER_ID || version !== POD_RECORD_VERSION) {
    throw incompatible(
      `the image was made by driver ${driver}, version ${version}; pods have ${DRIVER_ID}, ${POD_RECORD_VERSION}`,
    );
  }
  const record = data as unknown as PodRecord;
  await checkImage(record, source, here);
  return record;
}
