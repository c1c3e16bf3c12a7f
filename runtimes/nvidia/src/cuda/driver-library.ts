// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import koffi, { type LibraryHandle } from 'koffi';

const TRIPLE = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** Where the driver of the host is: as installed, and as the GPU operator installs it. */
const PLACES = [
  `/usr/lib/${TRIPLE}`,
  '/usr/lib64',
  `/run/nvidia/driver/usr/lib/${TRIPLE}`,
  '/run/nvidia/driver/usr/lib64',
];

/** A function of it, bound. */
type Bound = ReturnType<LibraryHandle['func']>;

/**
 * A library of the driver, in this process. It is loaded by its path and not through LD_LIBRARY_PATH: a driver's directory may be that of another
 * distribution, whose libc is not to be ours.
 */
export class DriverLibrary {
  readonly #functions = new Map<string, Bound | undefined>();
  readonly #held = new Set<unknown>();

  private constructor(
    readonly path: string,
    private readonly handle: LibraryHandle,
  ) {}

  /** @param directory - the only place to look, when there is one. Errors: GRIT_DEVICE_UNAVAILABLE naming every place. */
  static open(name: string, directory: string | undefined): DriverLibrary {
    const found = (directory === undefined ? PLACES : [directory])
      .map((place) => join(place, name))
      .filter((path) => existsSync(path));
    // Without a directory, the loader has a place of its own.
    const paths = directory === undefined ? [...found, name] : found;
    const reasons = paths.length === 0 ? [`it is not in ${String(directory)}`] : [];
    for (const path of paths) {
      try {
        return new DriverLibrary(path, koffi.load(path));
      } catch (error) {
        reasons.push(`${path}: ${(error as Error).message}`);
      }
    }
    throw new GritError('GRIT_DEVICE_UNAVAILABLE', `${name} cannot be loaded: ${reasons.join('; ')}`, {
      hint: 'It comes with the NVIDIA driver; `libraryDirectory` in the options of the runtime says where it is.',
      details: { notLoaded: true },
    });
  }

  /** True when this version of the library has the function. */
  has(declaration: string): boolean {
    return this.#bind(declaration) !== undefined;
  }

  /**
   * Calls a function on a thread of its own, so that any number of them can be under way. Buffers among the arguments are held until it returns.
   * @param declaration - as in C: `int cuInit(uint32_t flags)`
   * @returns what the function returns, undefined when this version of the library does not have it
   */
  async call(
    declaration: string,
    ...args: readonly (number | bigint | Uint8Array | null)[]
  ): Promise<number | undefined> {
    const bound = this.#bind(declaration);
    if (bound === undefined) return undefined;
    // What the function has a pointer to must live as long as it runs.
    this.#held.add(args);
    try {
      return await new Promise((resolve, reject) => {
        bound.async(...args, (error: Error | null, result: number) =>
          error === null ? resolve(result) : reject(error),
        );
      });
    } finally {
      this.#held.delete(args);
    }
  }

  #bind(declaration: string): Bound | undefined {
    if (!this.#functions.has(declaration)) {
      let bound: Bound | undefined;
      try {
        bound = this.handle.func(declaration);
      } catch (error) {
        if (!(error as Error).message.startsWith('Cannot find function')) throw error;
      }
      this.#functions.set(declaration, bound);
    }
    return this.#functions.get(declaration);
  }
}

/**
 * koffi gives each call a stack of its own, 128 KiB unless told otherwise: little for a driver that expects that of a thread. Pages that are not
 * touched cost nothing.
 */
koffi.config({ async_stack_size: 8 * 2 ** 20, max_async_calls: 4_096 });
