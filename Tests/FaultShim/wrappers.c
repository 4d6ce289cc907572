// The functions of libc that SQLite and taro call on files. Each asks whether it is to fail, makes the system call
// itself, and writes down what it changed.
#define _GNU_SOURCE
#include "shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// MARK: Opening

static int open_recorded(int directory, const char *name, const char *path, int flags, mode_t mode) {
  recording_begin();
  int is_nameless = (flags & O_TMPFILE) == O_TMPFILE;
  int is_new = is_nameless || shim_inode_at(path) == 0;
  if (is_nameless) path = "";
  int fd = (int)syscall(SYS_openat, directory, name, flags, mode);
  if (fd >= 0 && is_new) {
    recording_add(fault_log_create, shim_inode_of(fd), 0, path, 0, 0);
  } else if (fd >= 0 && (flags & O_TRUNC)) {
    recording_add(fault_log_size, shim_inode_of(fd), 0, path, 0, 0);
  }
  recording_end();
  return fd;
}

static int open_any(int directory, const char *name, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  const char *path = shim_path_at(directory, name, buffer, sizeof buffer);
  if (!shim_means(path)) return (int)syscall(SYS_openat, directory, name, flags, mode);
  int changes = flags & (O_CREAT | O_WRONLY | O_RDWR);
  enum fault_kind kind = flags & (O_CREAT | __O_TMPFILE) ? fault_create : fault_open;
  if (fault_decide(kind, "open", path)) return -1;
  if (changes && recording()) return open_recorded(directory, name, path, flags, mode);
  return (int)syscall(SYS_openat, directory, name, flags, mode);
}

static mode_t mode_from(int flags, va_list *arguments) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(*arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                  \
  EXPORT int name(const char *path, int flags, ...) {      \
    va_list arguments;                                     \
    va_start(arguments, flags);                            \
    mode_t mode = mode_from(flags, &arguments);            \
    va_end(arguments);                                     \
    return open_any(AT_FDCWD, path, flags, mode);          \
  }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                          \
  EXPORT int name(int directory, const char *path, int flags, ...) { \
    va_list arguments;                                               \
    va_start(arguments, flags);                                      \
    mode_t mode = mode_from(flags, &arguments);                      \
    va_end(arguments);                                               \
    return open_any(directory, path, flags, mode);                   \
  }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

EXPORT DIR *opendir(const char *path) {
  static DIR *(*next)(const char *);
  if (next == 0) next = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
  return fault_decide(fault_open, "opendir", path) ? 0 : next(path);
}

// MARK: Reading and writing

static int read_fails(int fd, const char *call) {
  char path[PATH_MAX];
  return shim_means_fd(fd, path) && fault_decide(fault_read, call, path);
}

EXPORT ssize_t read(int fd, void *buffer, size_t count) {
  return read_fails(fd, "read") ? -1 : syscall(SYS_read, fd, buffer, count);
}

static ssize_t pread_any(int fd, void *buffer, size_t count, off_t offset) {
  return read_fails(fd, "pread") ? -1 : syscall(SYS_pread64, fd, buffer, count, offset);
}
EXPORT ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
  return pread_any(fd, buffer, count, offset);
}
EXPORT ssize_t pread64(int fd, void *buffer, size_t count, off64_t offset) {
  return pread_any(fd, buffer, count, offset);
}

/// What a process says before it has said it: whoever reads it cannot be earlier.
static void note_saying(int fd, const void *bytes, size_t count) {
  if (fd != 1 || !shim_means(0) || !recording()) return;
  recording_begin();
  recording_add(fault_log_say, 0, 0, 0, bytes, count);
  recording_end();
}

/// What is written to a FIFO is no change of a file.
static int is_file(int fd) {
  struct stat info;
  return syscall(SYS_fstat, fd, &info) == 0 && S_ISREG(info.st_mode);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t count) {
  char path[PATH_MAX];
  note_saying(fd, bytes, count);
  if (!shim_means_fd(fd, path)) return syscall(SYS_write, fd, bytes, count);
  switch (fault_decide(fault_write, "write", path)) {
    case fault_fail: return -1;
    case fault_halve: count = (count + 1) / 2;
    case fault_none: break;
  }
  if (!recording() || !is_file(fd)) return syscall(SYS_write, fd, bytes, count);
  recording_begin();
  ssize_t written = syscall(SYS_write, fd, bytes, count);
  if (written > 0) {
    // Behind what was written, with O_APPEND too.
    uint64_t offset = (uint64_t)(lseek(fd, 0, SEEK_CUR) - written);
    recording_add(fault_log_write, shim_inode_of(fd), offset, path, bytes, (size_t)written);
  }
  recording_end();
  return written;
}

static ssize_t pwrite_any(int fd, const void *bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  if (!shim_means_fd(fd, path)) return syscall(SYS_pwrite64, fd, bytes, count, offset);
  switch (fault_decide(fault_write, "pwrite", path)) {
    case fault_fail: return -1;
    case fault_halve: count = (count + 1) / 2;
    case fault_none: break;
  }
  if (!recording()) return syscall(SYS_pwrite64, fd, bytes, count, offset);
  recording_begin();
  ssize_t written = syscall(SYS_pwrite64, fd, bytes, count, offset);
  if (written > 0)
    recording_add(fault_log_write, shim_inode_of(fd), (uint64_t)offset, path, bytes, (size_t)written);
  recording_end();
  return written;
}
EXPORT ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  return pwrite_any(fd, bytes, count, offset);
}
EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return pwrite_any(fd, bytes, count, offset);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
  char path[PATH_MAX];
  if (shim_means_fd(fd, path)) {
    if (fault_decide(fault_write, "writev", path)) return -1;
    if (recording()) shim_add_unknown("writev");
  }
  return syscall(SYS_writev, fd, parts, count);
}

// MARK: Putting on disk, and sizes

static int sync_any(int fd, long number, const char *call) {
  char path[PATH_MAX];
  if (!shim_means_fd(fd, path)) return (int)syscall(number, fd);
  if (fault_decide(fault_sync, call, path)) return -1;
  if (!recording()) return (int)syscall(number, fd);
  recording_begin();
  int result = (int)syscall(number, fd);
  if (result == 0) {
    recording_add(
        is_file(fd) ? fault_log_sync : fault_log_sync_names, shim_inode_of(fd), 0, path, 0, 0);
  }
  recording_end();
  return result;
}
EXPORT int fsync(int fd) { return sync_any(fd, SYS_fsync, "fsync"); }
EXPORT int fdatasync(int fd) { return sync_any(fd, SYS_fdatasync, "fdatasync"); }

static int ftruncate_any(int fd, off_t size) {
  char path[PATH_MAX];
  if (!shim_means_fd(fd, path)) return (int)syscall(SYS_ftruncate, fd, size);
  if (fault_decide(fault_size, "ftruncate", path)) return -1;
  if (!recording()) return (int)syscall(SYS_ftruncate, fd, size);
  recording_begin();
  int result = (int)syscall(SYS_ftruncate, fd, size);
  if (result == 0) recording_add(fault_log_size, shim_inode_of(fd), (uint64_t)size, path, 0, 0);
  recording_end();
  return result;
}
EXPORT int ftruncate(int fd, off_t size) { return ftruncate_any(fd, size); }
EXPORT int ftruncate64(int fd, off64_t size) { return ftruncate_any(fd, size); }

/// Returns an errno, as posix_fallocate(3) does.
static int allocate_any(int fd, int mode, off_t offset, off_t length) {
  char path[PATH_MAX];
  int is_meant = shim_means_fd(fd, path);
  if (is_meant && fault_decide(fault_size, "fallocate", path)) return errno;
  int records = is_meant && recording();
  if (records) recording_begin();
  int result = syscall(SYS_fallocate, fd, mode, offset, length) == 0 ? 0 : errno;
  if (records && result == 0 && mode == 0) {
    struct stat info;
    syscall(SYS_fstat, fd, &info);
    recording_add(fault_log_size, info.st_ino, (uint64_t)info.st_size, path, 0, 0);
  }
  if (records) recording_end();
  // Space that is set aside behind the end changes nothing that can be read.
  if (records && result == 0 && mode != 0 && mode != FALLOC_FL_KEEP_SIZE) shim_add_unknown("fallocate");
  return result;
}
EXPORT int fallocate(int fd, int mode, off_t offset, off_t length) {
  int result = allocate_any(fd, mode, offset, length);
  if (result != 0) errno = result;
  return result == 0 ? 0 : -1;
}
EXPORT int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  return fallocate(fd, mode, offset, length);
}
EXPORT int posix_fallocate(int fd, off_t offset, off_t length) {
  return allocate_any(fd, 0, offset, length);
}
EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return allocate_any(fd, 0, offset, length);
}

// MARK: Locks, memory, status

EXPORT int flock(int fd, int operation) {
  char path[PATH_MAX];
  int takes = (operation & LOCK_UN) == 0;
  if (takes && shim_means_fd(fd, path) && fault_decide(fault_lock, "flock", path)) return -1;
  return (int)syscall(SYS_flock, fd, operation);
}

static int fcntl_any(int fd, int operation, unsigned long argument) {
  char path[PATH_MAX];
  int takes = operation == F_SETLK || operation == F_SETLKW || operation == F_GETLK ||
              operation == F_OFD_SETLK || operation == F_OFD_SETLKW || operation == F_OFD_GETLK;
  int releases = takes && ((struct flock *)argument)->l_type == F_UNLCK;
  if (takes && !releases && shim_means_fd(fd, path) && fault_decide(fault_lock, "fcntl", path))
    return -1;
  return (int)syscall(SYS_fcntl, fd, operation, argument);
}

#define DEFINE_FCNTL(name)                                    \
  EXPORT int name(int fd, int operation, ...) {               \
    va_list arguments;                                        \
    va_start(arguments, operation);                           \
    unsigned long argument = va_arg(arguments, unsigned long); \
    va_end(arguments);                                        \
    return fcntl_any(fd, operation, argument);                \
  }
DEFINE_FCNTL(fcntl)
DEFINE_FCNTL(fcntl64)

static void *mmap_any(void *at, size_t length, int access, int flags, int fd, off_t offset) {
  char path[PATH_MAX];
  if (fd >= 0 && shim_means_fd(fd, path) && fault_decide(fault_map, "mmap", path)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, at, length, access, flags, fd, offset);
}
EXPORT void *mmap(void *at, size_t length, int access, int flags, int fd, off_t offset) {
  return mmap_any(at, length, access, flags, fd, offset);
}
EXPORT void *mmap64(void *at, size_t length, int access, int flags, int fd, off64_t offset) {
  return mmap_any(at, length, access, flags, fd, offset);
}

static int status_at(const char *call, const char *path, void *info, int flags) {
  if (fault_decide(fault_status, call, path)) return -1;
  return (int)syscall(SYS_newfstatat, AT_FDCWD, path, info, flags);
}
EXPORT int stat(const char *path, struct stat *info) { return status_at("stat", path, info, 0); }
EXPORT int stat64(const char *path, struct stat64 *info) {
  return status_at("stat", path, info, 0);
}
EXPORT int lstat(const char *path, struct stat *info) {
  return status_at("lstat", path, info, AT_SYMLINK_NOFOLLOW);
}
EXPORT int lstat64(const char *path, struct stat64 *info) {
  return status_at("lstat", path, info, AT_SYMLINK_NOFOLLOW);
}

static int status_of(int fd, void *info) {
  char path[PATH_MAX];
  if (shim_means_fd(fd, path) && fault_decide(fault_status, "fstat", path)) return -1;
  return (int)syscall(SYS_fstat, fd, info);
}
EXPORT int fstat(int fd, struct stat *info) { return status_of(fd, info); }
EXPORT int fstat64(int fd, struct stat64 *info) { return status_of(fd, info); }

EXPORT int access(const char *path, int mode) {
  if (fault_decide(fault_status, "access", path)) return -1;
  return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

// MARK: The child

// In the child of vfork(2), which has the memory of its parent until then: it is the parent that starts something.
EXPORT int execve(const char *path, char *const arguments[], char *const environment[]) {
  if (recording()) {
    recording_begin();
    recording_add(fault_log_spawn, 0, 0, 0, 0, 0);
    recording_end();
  }
  return (int)syscall(SYS_execve, path, arguments, environment);
}
