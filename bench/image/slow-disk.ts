// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from './timed-run.js';

/** Bytes that the slow store takes or gives in a second. */
const BYTES_PER_SECOND = 200_000_000;
const GROUP = '/sys/fs/cgroup/blkio/grit-bench';

/** A file system on a loop device whose reads and writes with O_DIRECT are held back, for the commands run in its control group. */
export class SlowDisk {
  private constructor(
    readonly path: string,
    readonly file: string,
    readonly device: string,
  ) {}

  static async make(work: string, mebibytes: number): Promise<SlowDisk> {
    const [file, path] = [join(work, 'slow.img'), join(work, 'slow')];
    await mkdir(path);
    // Written, not sparse: blocks that the file system below has to find first would be a second brake.
    await shell(`dd if=/dev/zero of=${file} bs=4M count=${Math.ceil(mebibytes / 4)} oflag=direct status=none`);
    const { stdout } = await shell(`losetup --direct-io=on --find --show ${file}`);
    const disk = new SlowDisk(path, file, stdout.trim());
    await shell(
      `mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 ${disk.device} && mount ${disk.device} ${path}`,
    );
    await mkdir(GROUP, { recursive: true });
    const number = (await readFile(`/sys/class/block/${disk.device.slice('/dev/'.length)}/dev`, 'utf8')).trim();
    for (const direction of ['read', 'write']) {
      await writeFile(join(GROUP, `blkio.throttle.${direction}_bps_device`), `${number} ${BYTES_PER_SECOND}`);
    }
    return disk;
  }

  /** Puts this process and all that it starts from now on behind the brake, or takes it out. */
  async brake(on: boolean): Promise<void> {
    await writeFile(join(on ? GROUP : '/sys/fs/cgroup/blkio', 'cgroup.procs'), String(process.pid));
  }

  async remove(): Promise<void> {
    await this.brake(false);
    await shell(`umount ${this.path}; losetup -d ${this.device}; rmdir ${GROUP}; true`);
    await rm(this.file, { force: true });
  }
}
