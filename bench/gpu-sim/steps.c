// SPDX-License-Identifier: Apache-2.0
// steps LIBRARY gpu|plain MIB PROCESSES: each process makes a step every millisecond, on its GPU or in its own memory, and prints when it stood still
// for more than 20 ms: `still RANK FROM_NS TO_NS`. By the time of day: the monotonic clock goes on where it was after a restore with CRIU.
// A plain process has what CRIU finds in one with a GPU at the dump: the library, a thread more, and the memory of the device.
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "driver.h"

enum { PAUSE_NS = 1000 * 1000, STILL_NS = 20 * 1000 * 1000 };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Does not compress.
static uint64_t *block(size_t bytes, uint64_t seed) {
  uint64_t *words = malloc(bytes);
  if (words == NULL) exit(1);
  for (size_t i = 0; i < bytes / sizeof *words; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    words[i] = seed;
  }
  return words;
}

static void *idle(void *nothing) {
  for (;;) pause();
  return nothing;
}

static void work(const char *library, bool gpu, size_t bytes, int rank) {
  uint64_t address = 0, word = 0;
  uint64_t *memory = block(bytes, 88172645463325252u + (unsigned)rank), *more = memory;
  load_driver(library);
  if (gpu) {
    void *context;
    must("cuInit", cuda.init(0));
    must("cuCtxCreate", cuda.context(&context, 0, rank));
    must("cuMemAlloc", cuda.allocate(&address, bytes));
    must("cuMemcpyHtoD", cuda.write(address, memory, bytes));
  } else {
    pthread_t thread;
    if (pthread_create(&thread, NULL, idle, NULL) != 0) exit(1);
    more = block(bytes, 88172645463325252u + (unsigned)rank);
  }
  dprintf(1, "ready %d\n", rank);
  for (int64_t last = now_ns();;) {
    if (gpu) {
      must("simAdd", cuda.add(address, 16, 1));
      must("cuMemcpyDtoH", cuda.read(&word, address, sizeof word));
    } else {
      more[0]++;
    }
    int64_t now = now_ns();
    if (now - last > STILL_NS) dprintf(1, "still %d %lld %lld\n", rank, (long long)last, (long long)now);
    last = now;
    nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  bool gpu = strcmp(argv[2], "gpu") == 0;
  size_t bytes = strtoul(argv[3], NULL, 10) << 20;
  // Not before the fork: what the parent had of a driver would be no use to a child.
  for (int rank = atoi(argv[4]) - 1; rank > 0; rank--) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    work(argv[1], gpu, bytes, rank);
  }
  work(argv[1], gpu, bytes, 0);
}
