// SPDX-License-Identifier: Apache-2.0
// steps LIBRARY gpu|plain MIB PROCESSES: each process makes a step every millisecond, on its GPU or in its own memory, and prints when it stood still
// for more than 20 ms: `still RANK FROM_NS TO_NS`. By the time of day: the monotonic clock goes on where it was after a restore with CRIU.
// A plain process has what CRIU finds in one with a GPU at the dump: the library, a thread more, and the memory of the device.
#include <dlfcn.h>
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

enum { PAUSE_NS = 1000 * 1000, STILL_NS = 20 * 1000 * 1000 };

static struct {
  int (*init)(unsigned flags);
  int (*context)(void **context, unsigned flags, int device);
  int (*allocate)(uint64_t *address, size_t size);
  int (*write)(uint64_t to, const void *from, size_t size);
  int (*read)(void *to, uint64_t from, size_t size);
  int (*add)(uint64_t address, size_t count, unsigned value);
} cuda;

static void must(const char *what, int failed) {
  if (!failed) return;
  fprintf(stderr, "steps: %s: %d\n", what, failed);
  exit(1);
}

static void find(void *library, const char *name, void *into) {
  void *symbol = dlsym(library, name);
  must(name, symbol == NULL);
  memcpy(into, &symbol, sizeof symbol);
}

static void load(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  must(path, library == NULL);
  find(library, "cuInit", &cuda.init);
  find(library, "cuCtxCreate_v2", &cuda.context);
  find(library, "cuMemAlloc_v2", &cuda.allocate);
  find(library, "cuMemcpyHtoD_v2", &cuda.write);
  find(library, "cuMemcpyDtoH_v2", &cuda.read);
  find(library, "simAdd", &cuda.add);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Does not compress.
static uint64_t *block(size_t bytes, uint64_t seed) {
  uint64_t *words = malloc(bytes);
  must("malloc", words == NULL);
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
  load(library);
  if (gpu) {
    void *context;
    must("cuInit", cuda.init(0));
    must("cuCtxCreate", cuda.context(&context, 0, rank));
    must("cuMemAlloc", cuda.allocate(&address, bytes));
    must("cuMemcpyHtoD", cuda.write(address, memory, bytes));
  } else {
    pthread_t thread;
    must("pthread_create", pthread_create(&thread, NULL, idle, NULL));
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
