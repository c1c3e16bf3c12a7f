// SPDX-License-Identifier: Apache-2.0

/** Variables and their values. */
export type Profile = Readonly<Record<string, string>>;

/** CRIU cannot dump an io_uring, which libuv opens by itself. */
const NO_IO_URING = { UV_USE_IO_URING: '0' };
/** What no driver can checkpoint: multicast memory between GPUs (the checkpoint hangs), open devices of RDMA. */
const NO_MULTICAST_NO_RDMA = { NCCL_NVLS_ENABLE: '0', NCCL_IB_DISABLE: '1' };

/** The address of a pod changes when it moves; of its connections only those by the loopback come along, if there are no others. */
const INSIDE_THE_POD = { NCCL_SOCKET_IFNAME: 'lo', GLOO_SOCKET_IFNAME: 'lo' };
/** Of all profiles for ranks. They have to be in one pod. */
const RANKS = { ...NO_IO_URING, ...NO_MULTICAST_NO_RDMA, ...INSIDE_THE_POD, NCCL_CUMEM_ENABLE: '0' };

/** What each variable costs stands in docs/guides/gpu.md. */
export const BUILT_IN_PROFILES: Readonly<Record<string, Profile>> = {
  /** One GPU for each process, and nothing between them. */
  'single-gpu': NO_IO_URING,
  /** Ranks that speak by NVLink or PCIe. Memory that a rank imports from another one by a handle cannot be restored: NCCL must not use it. */
  'single-node': { ...RANKS, NCCL_CUMEM_HOST_ENABLE: '0' },
  /** Ranks of vLLM and the like: no memory is shared, neither between GPUs nor on the host. */
  'tensor-parallel': {
    ...RANKS,
    NCCL_P2P_DISABLE: '1',
    NCCL_SHM_DISABLE: '1',
    VLLM_ALLREDUCE_USE_SYMM_MEM: '0',
  },
};
