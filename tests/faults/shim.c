/* A disk and a clock that can be told to fail: preloaded into a Python process (see shim.py).

   It sees what that process does to the files whose path begins with $SHIM_FILES, and to their folder:

   - writes it down in $SHIM_LOG, in order, each with its data. A power cut at any moment can then be played back
     with any choice of what had reached the disk. The real fdatasync is left out: the play-back knows better.
   - answers the n-th write with an error, once or until it is told to stop: shim_arm, shim_disarm.
   - is full when files have grown by so many bytes: shim_room; -1 is no bound.

   And it moves the wall clock by the seconds that stand in the file $SHIM_CLOCK, read at each look.

   "-shm" and "-workers" are left alone: neither means anything once the machine has been off. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define HANDLES 1024
#define NAME 64

static char names[HANDLES][NAME]; /* What each handle is open on, from the last "/" on; "." is the folder. */
static const char *files;
static int log_handle = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int armed, sticky, error, broken; /* armed counts down; broken while every write fails. */
static long calls;
static int64_t room = -1;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_clock)(clockid_t, struct timespec *);

static void __attribute__((constructor)) start(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  files = getenv("SHIM_FILES");
  const char *path = getenv("SHIM_LOG");
  if (path) log_handle = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The disk ------------------------------------------------------------------------------------------------ */

static const char *seen(const char *path) {
  if (!files || !path) return NULL;
  const char *last = strrchr(files, '/');
  size_t folder = (size_t)(last - files);
  if (strlen(path) == folder && !strncmp(path, files, folder)) return ".";
  if (strncmp(path, files, strlen(files)) || strstr(path, "-shm") || strstr(path, "-workers")) return NULL;
  return strrchr(path, '/') + 1;
}

static const char *name_of(int handle) {
  return handle >= 0 && handle < HANDLES && names[handle][0] ? names[handle] : NULL;
}

static void note(char kind, const char *name, uint64_t offset, const void *data, uint64_t size) {
  if (log_handle < 0) return;
  struct __attribute__((packed)) {
    char kind;
    uint64_t offset, size;
    char name[NAME];
  } head = {.kind = kind, .offset = offset, .size = size};
  strncpy(head.name, name, NAME - 1);
  char *whole = malloc(sizeof head + size);
  memcpy(whole, &head, sizeof head);
  if (size) memcpy(whole + sizeof head, data, size);
  real_write(log_handle, whole, sizeof head + size);
  free(whole);
}

/* Whether this call is the one that fails, or one after it. */
static int fails(void) {
  int answer = 0;
  pthread_mutex_lock(&lock);
  calls++;
  if (broken) answer = error;
  else if (armed && !--armed) {
    answer = error;
    broken = sticky;
  }
  pthread_mutex_unlock(&lock);
  return answer;
}

void shim_arm(int nth, int number, int for_ever) {
  armed = nth, error = number, sticky = for_ever, broken = 0, calls = 0;
}

long shim_disarm(void) {
  armed = broken = 0;
  return calls;
}

void shim_room(int64_t bytes) { room = bytes; }

/* Whether there is no room for what a file would grow by. */
static int is_full(int handle, int64_t end) {
  struct stat now;
  if (room < 0 || fstat(handle, &now) || end <= now.st_size) return 0;
  if (end - now.st_size > room) return ENOSPC;
  room -= end - now.st_size;
  return 0;
}

int open64(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const char *name = seen(path);
  int is_new = name && (flags & O_CREAT) && access(path, F_OK);
  int handle = real_open(path, flags, mode);
  if (handle >= HANDLES && name) abort();
  if (handle >= 0 && handle < HANDLES) {
    names[handle][0] = 0;
    if (name) strncpy(names[handle], name, NAME - 1);
  }
  if (handle >= 0 && is_new) note('C', name, 0, NULL, 0);
  return handle;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open64(path, flags, mode);
}

int close(int handle) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "close");
  if (name_of(handle)) names[handle][0] = 0;
  return real(handle);
}

ssize_t pwrite64(int handle, const void *data, size_t size, off_t offset) {
  const char *name = name_of(handle);
  if (!name) return real_pwrite(handle, data, size, offset);
  if ((errno = fails()) || (errno = is_full(handle, offset + (int64_t)size))) return -1;
  ssize_t done = real_pwrite(handle, data, size, offset);
  if (done > 0) note('W', name, (uint64_t)offset, data, (uint64_t)done);
  return done;
}

ssize_t pwrite(int handle, const void *data, size_t size, off_t offset) {
  return pwrite64(handle, data, size, offset);
}

ssize_t write(int handle, const void *data, size_t size) {
  const char *name = name_of(handle);
  if (!name) return real_write(handle, data, size);
  off_t offset = lseek(handle, 0, SEEK_CUR);
  if ((errno = fails()) || (errno = is_full(handle, offset + (int64_t)size))) return -1;
  ssize_t done = real_write(handle, data, size);
  if (done > 0) note('W', name, (uint64_t)offset, data, (uint64_t)done);
  return done;
}

int ftruncate64(int handle, off_t size) {
  static int (*real)(int, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
  const char *name = name_of(handle);
  if (name && (errno = fails())) return -1;
  int answer = real(handle, size);
  if (name && !answer) note('T', name, (uint64_t)size, NULL, 0);
  return answer;
}

int ftruncate(int handle, off_t size) { return ftruncate64(handle, size); }

static int synced(int handle, const char *how) {
  const char *name = name_of(handle);
  if (!name) return ((int (*)(int))dlsym(RTLD_NEXT, how))(handle);
  if ((errno = fails())) return -1;
  note('S', name, 0, NULL, 0);
  return 0;
}

int fdatasync(int handle) { return synced(handle, "fdatasync"); }

int fsync(int handle) { return synced(handle, "fsync"); }

int unlink(const char *path) {
  static int (*real)(const char *);
  if (!real) real = dlsym(RTLD_NEXT, "unlink");
  const char *name = seen(path);
  int answer = real(path);
  if (name && !answer) note('U', name, 0, NULL, 0);
  return answer;
}

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (!real) real = dlsym(RTLD_NEXT, "rename");
  if (seen(from) || seen(to)) abort(); /* Neither SQLite nor runfox does so: the play-back has no word for it. */
  return real(from, to);
}

/* The clock ----------------------------------------------------------------------------------------------- */

static time_t jump(void) {
  static const char *path;
  static int handle = -2;
  if (handle == -2) {
    path = getenv("SHIM_CLOCK");
    handle = path ? real_open(path, O_RDONLY | O_CLOEXEC) : -1;
  }
  char text[32] = "";
  return handle >= 0 && pread(handle, text, sizeof text - 1, 0) > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t which, struct timespec *now) {
  int answer = real_clock(which, now);
  if (!answer && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
  return answer;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *where) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (where) *where = exact.tv_sec;
  return exact.tv_sec;
}
