// The functions of libc that make names and take them away.
#define _GNU_SOURCE
#include "shim.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A system call that makes or takes a name, with what is to be written down of it.
#define CHANGE_NAME(kind, call, path, operation, inode, other, made)                        \
  do {                                                                                      \
    if (!shim_means(path)) return (int)(made);                                              \
    if (fault_decide(kind, call, path)) return -1;                                          \
    if (!shim_records(path)) return (int)(made);                                                 \
    recording_begin();                                                                      \
    int result = (int)(made);                                                               \
    const char *second = (other);                                                           \
    if (result == 0)                                                                        \
      recording_add(operation, inode, 0, path, second, second ? strlen(second) : 0);        \
    recording_end();                                                                        \
    return result;                                                                          \
  } while (0)

EXPORT int mkdir(const char *path, mode_t mode) {
  CHANGE_NAME(
      fault_name, "mkdir", path, fault_log_mkdir, shim_inode_at(path), 0,
      syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

EXPORT int mkfifo(const char *path, mode_t mode) {
  CHANGE_NAME(
      fault_name, "mkfifo", path, fault_log_mkfifo, shim_inode_at(path), 0,
      syscall(SYS_mknodat, AT_FDCWD, path, mode | S_IFIFO, 0));
}

EXPORT int rename(const char *path, const char *new) {
  CHANGE_NAME(
      fault_name, "rename", path, fault_log_rename, 0, new,
      syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, new, 0));
}

EXPORT int link(const char *path, const char *new) {
  CHANGE_NAME(
      fault_name, "link", path, fault_log_link, 0, new,
      syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, new, 0));
}

EXPORT int unlink(const char *path) {
  CHANGE_NAME(
      fault_unlink, "unlink", path, fault_log_unlink, 0, 0,
      syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

EXPORT int rmdir(const char *path) {
  CHANGE_NAME(
      fault_unlink, "rmdir", path, fault_log_unlink, 0, 0,
      syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}

#define DEFINE_UNKNOWN(name, number, declared, path, ...)            \
  EXPORT int name declared {                                         \
    if (fault_decide(fault_name, #name, path)) return -1;            \
    if (shim_records(path)) shim_add_unknown(#name);                           \
    return (int)syscall(number, __VA_ARGS__);                        \
  }
EXPORT int mkdirat(int directory, const char *name, mode_t mode) {
  char buffer[PATH_MAX];
  const char *path = shim_path_at(directory, name, buffer, sizeof buffer);
  CHANGE_NAME(
      fault_name, "mkdirat", path, fault_log_mkdir, shim_inode_at(path), 0,
      syscall(SYS_mkdirat, directory, name, mode));
}

EXPORT int renameat(int from, const char *name, int to, const char *other) {
  char buffer[PATH_MAX], second_buffer[PATH_MAX];
  const char *path = shim_path_at(from, name, buffer, sizeof buffer);
  const char *new = shim_path_at(to, other, second_buffer, sizeof second_buffer);
  CHANGE_NAME(
      fault_name, "renameat", path, fault_log_rename, 0, new,
      syscall(SYS_renameat2, from, name, to, other, 0));
}

EXPORT int unlinkat(int directory, const char *name, int flags) {
  char buffer[PATH_MAX];
  const char *path = shim_path_at(directory, name, buffer, sizeof buffer);
  CHANGE_NAME(
      fault_unlink, "unlinkat", path, fault_log_unlink, 0, 0,
      syscall(SYS_unlinkat, directory, name, flags));
}

DEFINE_UNKNOWN(symlink, SYS_symlinkat, (const char *target, const char *path), path, target, AT_FDCWD, path)

/// Gives a nameless file its name (open(2), O_TMPFILE); other uses are unknown.
EXPORT int linkat(int from, const char *path, int to, const char *name, int flags) {
  char buffer[PATH_MAX];
  const char *new = shim_path_at(to, name, buffer, sizeof buffer);
  if (fault_decide(fault_name, "linkat", new)) return -1;
  if (!shim_records(new)) return (int)syscall(SYS_linkat, from, path, to, name, flags);
  if (strncmp(path, "/proc/self/fd/", 14) != 0) shim_add_unknown("linkat");
  recording_begin();
  int result = (int)syscall(SYS_linkat, from, path, to, name, flags);
  if (result == 0)
    recording_add(fault_log_link, shim_inode_of(atoi(path + 14)), 0, 0, new, strlen(new));
  recording_end();
  return result;
}
