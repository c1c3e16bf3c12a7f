// SPDX-License-Identifier: Apache-2.0

/** What an answer of the driver means for a checkpoint. */
export interface CudaResult {
  readonly name: string;
  /** Plain words for the message. */
  readonly meaning: string;
  /** What the user can do. */
  readonly hint: string;
  /** The driver's own text, which the program cuda-checkpoint prints. */
  readonly text: string;
}

/** The CUresult numbers that are acted upon by name. */
export const INVALID_VALUE = 1;
export const NOT_INITIALIZED = 3;
export const ILLEGAL_STATE = 401;
export const NOT_READY = 600;
export const NOT_SUPPORTED = 801;
export const UNKNOWN = 999;

const IN_CAPTURE: Omit<CudaResult, 'name' | 'text'> = {
  meaning: 'a CUDA graph is being captured in the process',
  hint: 'Try again when the program has ended the capture.',
};

const RESULTS: Readonly<Record<number, CudaResult>> = {
  [INVALID_VALUE]: {
    name: 'CUDA_ERROR_INVALID_VALUE',
    meaning: 'not a CUDA process, or the map of GPUs does not fit it',
    hint: 'The map has to name every GPU that the process could see, used or not, and GPUs of the same model.',
    text: 'invalid argument',
  },
  2: {
    name: 'CUDA_ERROR_OUT_OF_MEMORY',
    meaning: 'not enough memory: of the GPU for a restore, of the host or the container for a checkpoint',
    hint: 'A checkpoint needs room for all GPU memory within the memory limit of the container; MIG devices give this answer too.',
    text: 'out of memory',
  },
  [NOT_INITIALIZED]: {
    name: 'CUDA_ERROR_NOT_INITIALIZED',
    meaning: 'the driver could not be initialised',
    hint: '`nvidia-smi` on the node shows whether the driver works; persistence mode (`nvidia-smi -pm 1`) helps.',
    text: 'initialization error',
  },
  4: {
    name: 'CUDA_ERROR_DEINITIALIZED',
    meaning: 'the process is ending',
    hint: 'Nothing to do.',
    text: 'driver shutting down',
  },
  100: {
    name: 'CUDA_ERROR_NO_DEVICE',
    meaning: 'the driver sees no GPU',
    hint: '`nvidia-smi` on the node shows whether the driver works.',
    text: 'no CUDA-capable device is detected',
  },
  201: {
    name: 'CUDA_ERROR_INVALID_CONTEXT',
    meaning: 'the caller has no context on a GPU that is needed',
    hint: 'This is a defect of the caller: please report it with the versions of GRIT and of the driver.',
    text: 'invalid device context',
  },
  304: {
    name: 'CUDA_ERROR_OPERATING_SYSTEM',
    meaning: 'the driver could not reach the process, or refuses it for good after an earlier failure',
    hint: 'The agent needs root and the host pid namespace; turn persistence mode on (`nvidia-smi -pm 1`). If that is so, the process is lost.',
    text: 'OS call failed or operation not supported on this OS',
  },
  [ILLEGAL_STATE]: {
    name: 'CUDA_ERROR_ILLEGAL_STATE',
    meaning: 'the process is not in the state that the action starts from',
    hint: 'Something else drives checkpoints of this process: see that only one does.',
    text: 'the operation cannot be performed in the present state',
  },
  [NOT_READY]: {
    name: 'CUDA_ERROR_NOT_READY',
    meaning: 'work on the GPU did not end in time',
    hint: 'Try again, or raise lockTimeoutSeconds; ranks of one job have to be in one checkpoint.',
    text: 'device not ready',
  },
  800: {
    name: 'CUDA_ERROR_NOT_PERMITTED',
    meaning: 'the caller may not do this to the process',
    hint: 'The agent needs root and the host pid namespace.',
    text: 'operation not permitted',
  },
  [NOT_SUPPORTED]: {
    name: 'CUDA_ERROR_NOT_SUPPORTED',
    meaning: 'this driver cannot do it, on this machine or for what the process uses',
    hint: 'Needs driver 570 or later (595 on arm64); managed memory, MIG and MPS are not supported by the driver.',
    text: 'operation not supported',
  },
  900: {
    name: 'CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED',
    text: 'operation not permitted when stream is capturing',
    ...IN_CAPTURE,
  },
  901: {
    name: 'CUDA_ERROR_STREAM_CAPTURE_INVALIDATED',
    text: 'operation failed due to a previous error during capture',
    ...IN_CAPTURE,
  },
  [UNKNOWN]: {
    name: 'CUDA_ERROR_UNKNOWN',
    meaning: 'the driver gives no reason',
    hint: 'Its own log is the kernel log of the node: lines that begin with NVRM.',
    text: 'unknown error',
  },
};

/** The row of a CUresult; one that is not known here is said to be so. */
export function meaningOf(result: number): CudaResult {
  return (
    RESULTS[result] ?? {
      name: `CUresult ${result}`,
      meaning: 'not known to this version',
      hint: 'Look the number up in the documentation of the CUDA driver API.',
      text: '',
    }
  );
}

/** The CUresult whose text or name is in a message of cuda-checkpoint; undefined when none is. */
export function resultIn(message: string): number | undefined {
  const found = Object.entries(RESULTS).filter(
    ([, { name, text }]) => message.includes(name) || message.includes(text),
  );
  // `operation not permitted` is also the beginning of a longer text: that says more.
  found.sort(([, a], [, b]) => b.text.length - a.text.length);
  return found[0] === undefined ? undefined : Number(found[0][0]);
}
