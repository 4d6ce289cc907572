// Which calls the shim looks at, and what it has to know of the files that they are about.
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *meant;

// Before the other constructors, which ask.
__attribute__((constructor(101))) static void find_out(void) {
  const char *program = getenv("FAULT_PROGRAM");
  if (strcmp(program_invocation_short_name, program ? program : "taro") != 0) return;
  meant = getenv("FAULT_PATHS");
}

int shim_means(const char *path) {
  if (meant == 0 || path == 0) return meant != 0;
  for (const char *start = meant; *start != 0;) {
    size_t length = strcspn(start, ":");
    if (length > 0 && strncmp(start, path, length) == 0 &&
        (path[length] == '/' || path[length] == 0 || path[length] == '-'))
      return 1;
    start += length;
    if (*start == ':') start++;
  }
  return 0;
}

int shim_path(int fd, char *path, size_t size) {
  char name[40];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int cause = errno;
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, name, path, size - 1);
  errno = cause;
  path[length > 0 ? length : 0] = 0;
  return length > 0 && path[0] == '/';
}

const char *shim_path_at(int fd, const char *name, char *path, size_t size) {
  if (fd == AT_FDCWD || name[0] == '/' || !shim_path(fd, path, size)) return name;
  size_t length = strlen(path);
  snprintf(path + length, size - length, "/%s", name);
  return path;
}

int shim_means_fd(int fd, char *path) {
  return shim_means(0) && shim_path(fd, path, PATH_MAX) && shim_means(path);
}

uint64_t shim_inode_of(int fd) {
  struct stat info;
  int cause = errno;
  uint64_t inode = syscall(SYS_fstat, fd, &info) == 0 ? info.st_ino : 0;
  errno = cause;
  return inode;
}

uint64_t shim_inode_at(const char *path) {
  struct stat info;
  int cause = errno;
  long result = syscall(SYS_newfstatat, AT_FDCWD, path, &info, AT_SYMLINK_NOFOLLOW);
  errno = cause;
  return result == 0 ? info.st_ino : 0;
}

int shim_records(const char *path) { return recording() && shim_means(path); }

void shim_add_unknown(const char *call) {
  recording_begin();
  recording_add(fault_log_unknown, 0, 0, call, 0, 0);
  recording_end();
}
