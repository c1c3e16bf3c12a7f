// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** The files of one workload on this node. All of it goes when the workload is removed. */
export class WorkloadDirectory {
  constructor(readonly path: string) {}

  /** {@link WorkloadRecord}: exists before anything else does. */
  get record(): string {
    return join(this.path, 'workload.json');
  }

  /** {@link HoldRecord}, while the workload is held. */
  get hold(): string {
    return join(this.path, 'hold.json');
  }

  get bundle(): string {
    return join(this.path, 'bundle');
  }

  /** The container's root: the overlay is mounted here. */
  get rootfs(): string {
    return join(this.bundle, 'rootfs');
  }

  /** Upper and work directory of the overlay; a mount point where they are in a disk image. */
  get scratch(): string {
    return join(this.path, 'scratch');
  }

  get scratchImage(): string {
    return join(this.path, 'scratch.img');
  }

  get upper(): string {
    return join(this.scratch, 'upper');
  }

  get overlayWork(): string {
    return join(this.scratch, 'work');
  }

  /** Bound into the container, so that stdout is a file of the container's own mounts. */
  get output(): string {
    return join(this.path, 'output');
  }

  get log(): string {
    return join(this.output, 'log');
  }

  /** CRIU's options; the path is fixed when the container is made, the content changes with what is done. */
  get criuConfig(): string {
    return join(this.path, 'criu.conf');
  }

  /** CRIU's logs of a restore. */
  get restoreWork(): string {
    return join(this.path, 'restore');
  }

  /** Written by runc when the first process runs. */
  get pidFile(): string {
    return join(this.path, 'pid');
  }

  /** Written by the supervisor when the container has ended. */
  get exitFile(): string {
    return join(this.path, 'exit');
  }

  get supervisorPid(): string {
    return join(this.path, 'supervisor.pid');
  }

  /** What runc says. */
  get runcLog(): string {
    return join(this.path, 'runc.log');
  }
}
