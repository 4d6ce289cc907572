#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int log_file = -1;
static pthread_mutex_t threads = PTHREAD_MUTEX_INITIALIZER;

static void note_exit(int code, void *unused) {
  (void)unused;
  if (!recording()) return;
  recording_begin();
  recording_add(fault_log_exit, 0, (uint64_t)code, 0, 0, 0);
  recording_end();
}

__attribute__((constructor)) static void open_log(void) {
  const char *path = getenv("FAULT_LOG");
  if (path == 0 || !shim_means(0)) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) abort();
  // Out of the way: the program gets the numbers that it would have without us.
  log_file = fcntl(file, F_DUPFD_CLOEXEC, 500);
  syscall(SYS_close, file);
  // Registered first, it runs last.
  on_exit(note_exit, 0);
}

int recording(void) { return log_file >= 0; }

void recording_begin(void) {
  pthread_mutex_lock(&threads);
  while (syscall(SYS_flock, log_file, LOCK_EX) != 0 && errno == EINTR) continue;
}

void recording_end(void) {
  int cause = errno;
  syscall(SYS_flock, log_file, LOCK_UN);
  errno = cause;
  pthread_mutex_unlock(&threads);
}

void recording_add(
    enum fault_operation operation, uint64_t inode, uint64_t offset, const char *path,
    const void *data, size_t length) {
  int cause = errno;
  struct fault_record record = {
      .operation = operation,
      .pid = (uint32_t)(operation == fault_log_spawn ? getppid() : getpid()),
      .inode = inode,
      .offset = offset,
      .path_length = path ? (uint32_t)strlen(path) : 0,
      .data_length = (uint32_t)length,
  };
  struct iovec parts[] = {
      {&record, sizeof record}, {(void *)path, record.path_length}, {(void *)data, length}};
  if (syscall(SYS_writev, log_file, parts, 3) !=
      (ssize_t)(sizeof record + record.path_length + length))
    abort();
  errno = cause;
}
