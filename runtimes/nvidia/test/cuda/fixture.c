// SPDX-License-Identifier: Apache-2.0
// Not a driver: functions with the names and signatures of libcuda's checkpoint calls, which do what the pid says.
//   1 .. 999        answers well: thread 10 * pid, state pid; leaves FIXTURE_DIR/begun-PID with its own pid in it
//   1000 + n        answers n
//   20000 ..        the same, but when the file FIXTURE_DIR/go is there
//   30000 ..        answers well when as many calls as FIXTURE_TOGETHER says are under way
//   40000 ..        aborts; 41000 .. writes where nothing is
// Each action and cuInit leaves a line in FIXTURE_DIR/log.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
	const unsigned char *pairs;
	uint32_t count;
	unsigned char reserved[52];
} restore_args;

static int initialised;

static FILE *file(const char *name, int pid, const char *mode)
{
	char path[512];
	snprintf(path, sizeof path, name, getenv("FIXTURE_DIR"), pid);
	return fopen(path, mode);
}

static void mark(const char *name, int pid)
{
	FILE *f = file("%s/.new-%d", pid, "w");
	char from[512], to[512];
	fprintf(f, "%d", getpid());
	fclose(f);
	snprintf(from, sizeof from, "%s/.new-%d", getenv("FIXTURE_DIR"), pid);
	snprintf(to, sizeof to, name, getenv("FIXTURE_DIR"), pid);
	rename(from, to);
}

static int together(void)
{
	int found = 0;
	DIR *dir = opendir(getenv("FIXTURE_DIR"));
	for (struct dirent *entry; (entry = readdir(dir));)
		found += !strncmp(entry->d_name, "together-", 9);
	closedir(dir);
	return found;
}

static int exists(const char *name)
{
	FILE *f = file(name, 0, "r");
	if (f)
		fclose(f);
	return f != 0;
}

static int answer(int pid)
{
	if (pid >= 40000) {
		fprintf(stderr, "fixture: pid %d makes this crash\n", pid);
		if (pid >= 41000)
			*(volatile int *)0 = 1;
		abort();
	}
	if (pid >= 30000) {
		mark("%s/together-%d", pid);
		while (together() < atoi(getenv("FIXTURE_TOGETHER")))
			usleep(1000);
		return 0;
	}
	if (pid >= 20000) {
		mark("%s/begun-%d", pid);
		while (!exists("%s/go"))
			usleep(1000);
		return 0;
	}
	if (pid >= 1000)
		return pid - 1000;
	mark("%s/begun-%d", pid);
	return 0;
}

__attribute__((unused)) static int action(const char *name, int pid, const void *args, int from)
{
	char line[2048];
	int at = snprintf(line, sizeof line, "%s %d %s", name, pid, initialised ? "initialised" : "bare");
	const unsigned char *bytes = args;
	for (int i = from; i < 64; i++)
		if (bytes[i])
			at += snprintf(line + at, sizeof line - at, " dirt@%d", i);
	if (!strcmp(name, "lock"))
		at += snprintf(line + at, sizeof line - at, " %u", *(const uint32_t *)args);
	if (!strcmp(name, "restore")) {
		const restore_args *restore = args;
		at += snprintf(line + at, sizeof line - at, " %u", restore->count);
		for (uint32_t i = 0; i < restore->count * 32; i++)
			at += snprintf(line + at, sizeof line - at, "%s%02x", i ? "" : " ", restore->pairs[i]);
	}
	FILE *log = file("%s/log", 0, "a");
	fprintf(log, "%s\n", line);
	fclose(log);
	return answer(pid);
}

int cuInit(unsigned flags)
{
	(void)flags;
	FILE *log = file("%s/log", 0, "a");
	fprintf(log, "cuInit\n");
	fclose(log);
	initialised = !getenv("FIXTURE_NO_DEVICE");
	return initialised ? 0 : 100;
}

int cuDriverGetVersion(int *version)
{
	const char *wanted = getenv("FIXTURE_VERSION");
	*version = wanted ? atoi(wanted) : 13000;
	return 0;
}

#ifndef TOO_OLD
int cuCheckpointProcessGetRestoreThreadId(int pid, int *tid)
{
	*tid = pid * 10;
	return answer(pid);
}

int cuCheckpointProcessGetState(int pid, int *state)
{
	*state = pid;
	// One that must be initialised first, as the real ones may have to be.
	return pid == 5 && !initialised ? 3 : answer(pid);
}

int cuCheckpointProcessLock(int pid, void *args)
{
	return action("lock", pid, args, 4);
}

int cuCheckpointProcessCheckpoint(int pid, void *args)
{
	return action("checkpoint", pid, args, 0);
}

int cuCheckpointProcessRestore(int pid, void *args)
{
	return action("restore", pid, args, 12);
}

int cuCheckpointProcessUnlock(int pid, void *args)
{
	return action("unlock", pid, args, 0);
}
#endif
