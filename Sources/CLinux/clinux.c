#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

static int argument_count;
static char **arguments;
// glibc gives every constructor what main gets.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  argument_count = count;
  arguments = words;
}
int clinux_argument_count(void) { return argument_count; }
const char *clinux_argument(int index) { return arguments[index]; }

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
int clinux_openat(int directory, const char *name, int flags, mode_t mode) {
  return openat(directory, name, flags, mode);
}
const int clinux_path_only = O_PATH;
int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_unnamed_file(const char *directory) {
  int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  // Not every file system can do that (NFS, overlayfs before Linux 6.1).
  if (file >= 0 || errno != EOPNOTSUPP) return file;
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/taro-XXXXXX", directory) >= (int)sizeof path) return -1;
  file = mkostemp(path, O_CLOEXEC);
  if (file >= 0) unlink(path);
  return file;
}

const int clinux_tmpfile = O_TMPFILE;

int clinux_give_name(int fd, int directory, const char *name) {
  char open_file[32];
  snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, open_file, directory, name, AT_SYMLINK_FOLLOW);
}

int clinux_rename_to_free(int directory, const char *name, const char *other) {
  if (renameat2(directory, name, directory, other, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // Unlike rename(2), link(2) replaces nothing.
  if (linkat(directory, name, directory, other, 0) != 0) return -1;
  unlinkat(directory, name, 0);
  return 0;
}

int clinux_reserve_space(int fd, off_t bytes) {
  return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, bytes);
}

int clinux_discarding_socket(void) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // To itself, behind a filter that lets nothing through: who sends is not told (socket(7), SO_ATTACH_FILTER).
  struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog filter = {.len = 1, .filter = &nothing};
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  socklen_t size = sizeof(sa_family_t);
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 &&
      bind(fd, (struct sockaddr *)&address, size) == 0) {
    size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
        connect(fd, (struct sockaddr *)&address, size) == 0)
      return fd;
  }
  close(fd);
  return -1;
}

int clinux_fcntl(int fd, int operation, int value) { return fcntl(fd, operation, value); }
int clinux_set_pipe_size(int fd, int bytes) { return fcntl(fd, F_SETPIPE_SZ, bytes); }

void clinux_continue_when_readable(int fd, int is_wanted) {
  int flags = fcntl(fd, F_GETFL);
  if (is_wanted) {
    fcntl(fd, F_SETOWN, getpid());
    fcntl(fd, F_SETSIG, SIGCONT);
  }
  fcntl(fd, F_SETFL, is_wanted ? flags | O_ASYNC : flags & ~O_ASYNC);
}

static struct flock byte_lock(off_t byte, int exclusive) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = exclusive ? F_WRLCK : F_RDLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

int clinux_ofd_lock(int fd, off_t byte, int exclusive) {
  struct flock lock = byte_lock(byte, exclusive);
  return fcntl(fd, F_OFD_SETLK, &lock);
}

int clinux_ofd_unlock(int fd, off_t byte) {
  struct flock lock = byte_lock(byte, 1);
  lock.l_type = F_UNLCK;
  return fcntl(fd, F_OFD_SETLK, &lock);
}

int clinux_ofd_is_held(int fd, off_t byte) {
  struct flock lock = byte_lock(byte, 1);
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0) return -1;
  return lock.l_type != F_UNLCK;
}

int clinux_boot_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }
int clinux_boot_timer_set(int fd, long long microseconds) {
  struct itimerspec at = {.it_value = {microseconds / 1000000, microseconds % 1000000 * 1000}};
  return timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, 0);
}

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
void clinux_eventfd_signal(int fd) { eventfd_write(fd, 1); }
void clinux_eventfd_clear(int fd) {
  eventfd_t value;
  eventfd_read(fd, &value);
}

int clinux_datagram_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int cause = errno;
  close(fd);
  errno = cause;
  return -1;
}
int clinux_send(int fd, const void *bytes, size_t count) {
  return (int)send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

char **clinux_environment(void) { return environ; }

pid_t clinux_fork(void) { return fork(); }
void clinux_close_all_but(int kept) {
  for (int fd = 3; fd < kept; fd++) close(fd);
  closefrom(kept + 1);
}

int clinux_own_directory_and_umask(void) { return unshare(CLONE_FS); }
int clinux_set_niceness(int niceness) { return setpriority(PRIO_PROCESS, 0, niceness); }

int clinux_pty(char *path, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return -1;
  if (grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, path, size) == 0)
    return master;
  close(master);
  return -1;
}

int clinux_window_size(int fd, unsigned short *rows, unsigned short *columns) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
  *rows = size.ws_row;
  *columns = size.ws_col;
  return 0;
}

int clinux_set_window_size(int fd, unsigned short rows, unsigned short columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return ioctl(fd, TIOCSWINSZ, &size);
}

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

long long clinux_birth_time(const char *path) {
  struct statx info;
  if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &info) != 0) return 0;
  if (!(info.stx_mask & STATX_BTIME)) return 0;
  return info.stx_btime.tv_sec * 1000000000LL + info.stx_btime.tv_nsec;
}

int clinux_file_system_type(const char *path, long *type) {
  struct statfs info;
  if (statfs(path, &info) != 0) return -1;
  *type = (long)info.f_type;
  return 0;
}
