#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
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

int clinux_give_name(int fd, const char *path) {
  char open_file[32];
  snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
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

static void do_nothing(int signal) { (void)signal; }

_Static_assert(sizeof(sigset_t) <= sizeof(((struct clinux_interrupter *)0)->mask), "sigset_t grew");

int clinux_interrupter_start(struct clinux_interrupter *interrupter, long first_ms, long every_ms) {
  // A handler that does nothing, without SA_RESTART: the blocked call returns EINTR.
  const int signal_number = SIGRTMAX - 3;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = do_nothing;
  if (sigaction(signal_number, &action, 0) != 0) return -1;

  sigset_t unblocked, previous;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, signal_number);
  pthread_sigmask(SIG_UNBLOCK, &unblocked, &previous);
  memcpy(interrupter->mask, &previous, sizeof previous);

  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal_number;
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) {
    pthread_sigmask(SIG_SETMASK, &previous, 0);
    return -1;
  }
  interrupter->timer = timer;
  struct itimerspec schedule = {
      .it_interval = {every_ms / 1000, every_ms % 1000 * 1000000},
      .it_value = {first_ms / 1000, first_ms % 1000 * 1000000},
  };
  timer_settime(timer, 0, &schedule, 0);
  return 0;
}

void clinux_interrupter_stop(struct clinux_interrupter *interrupter) {
  timer_delete(interrupter->timer);
  sigset_t previous;
  memcpy(&previous, interrupter->mask, sizeof previous);
  pthread_sigmask(SIG_SETMASK, &previous, 0);
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

int clinux_signalfd(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_signalfd_read(int fd, struct clinux_signal *signal) {
  struct signalfd_siginfo info;
  if (read(fd, &info, sizeof info) != sizeof info) return 0;
  signal->number = (int)info.ssi_signo;
  // si_code above 0: raised by the kernel, not sent with kill(2) or its like.
  signal->sender = info.ssi_code <= 0 && info.ssi_code != SI_TIMER ? (pid_t)info.ssi_pid : 0;
  signal->is_own = info.ssi_code == SI_TIMER || (info.ssi_code >= POLL_IN && info.ssi_code <= POLL_HUP);
  signal->uid = info.ssi_uid;
  return 1;
}

int clinux_signal_is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigaction(signal, &action, 0);
}

void clinux_die_of(int number) {
  // Where cores are piped to a program, RLIMIT_CORE keeps none away (core(5)).
  prctl(PR_SET_DUMPABLE, 0);
  set_handler(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
  // Not raise(3), which refuses glibc's own two.
  syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

void clinux_feel_signal(int number, int with_group) {
  sigset_t set, previous;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, &previous);
  kill(with_group ? 0 : getpid(), number);
  pthread_sigmask(SIG_SETMASK, &previous, 0);
}

int clinux_continue_at(long long microseconds, void **timer) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGCONT;
  timer_t created;
  if (timer_create(CLOCK_BOOTTIME, &event, &created) != 0) return -1;
  *timer = created;
  struct itimerspec schedule = {
      .it_value = {microseconds / 1000000, microseconds % 1000000 * 1000}};
  return timer_settime(created, TIMER_ABSTIME, &schedule, 0);
}
void clinux_cancel_continue(void *timer) { timer_delete(timer); }

static int exit_code_of_signal;
static void exit_now(int signal) {
  (void)signal;
  _exit(exit_code_of_signal);
}
void clinux_exit_on_signal(int signal, int code) {
  exit_code_of_signal = code;
  set_handler(signal, exit_now);
}

void clinux_signal_ignore(int signal) { set_handler(signal, SIG_IGN); }
void clinux_signal_default(int signal) { set_handler(signal, SIG_DFL); }

int clinux_spawn_give_terminal(void *file_actions, int fd) {
  return posix_spawn_file_actions_addtcsetpgrp_np(file_actions, fd);
}

int clinux_spawn_close_from(void *file_actions, int fd) {
  return posix_spawn_file_actions_addclosefrom_np(file_actions, fd);
}

const short clinux_spawn_new_session = POSIX_SPAWN_SETSID;

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

static int kept_terminal;
static struct termios kept_modes;
// Async-signal-safe calls only (signal-safety(7)).
static void restore_modes_and_die(int signal) {
  if (tcgetpgrp(kept_terminal) == getpgrp()) tcsetattr(kept_terminal, TCSANOW, &kept_modes);
  // Its handler is reset (SA_RESETHAND), and it is unblocked when this one returns.
  raise(signal);
}

void clinux_keep_modes_on_fatal_signals(int terminal) {
  static const int fatal[] = {SIGSEGV, SIGBUS,  SIGILL,    SIGTRAP, SIGABRT, SIGFPE, SIGSYS,
                              SIGALRM, SIGPROF, SIGVTALRM, SIGXCPU, SIGIO,   SIGPWR, SIGSTKFLT};
  if (tcgetattr(terminal, &kept_modes) != 0) return;
  kept_terminal = terminal;
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
    struct sigaction action;
    if (sigaction(fatal[i], 0, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = restore_modes_and_die;
    action.sa_flags = SA_RESETHAND;
    sigaction(fatal[i], &action, 0);
  }
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

struct clinux_wait_result clinux_wait_decode(int status) {
  struct clinux_wait_result result = {clinux_wait_exited, 0, 0};
  if (WIFEXITED(status)) {
    result.value = WEXITSTATUS(status);
  } else if (WIFSIGNALED(status)) {
    result.kind = clinux_wait_signaled;
    result.value = WTERMSIG(status);
    result.core_dumped = WCOREDUMP(status) != 0;
  } else if (WIFSTOPPED(status)) {
    result.kind = clinux_wait_stopped;
    result.value = WSTOPSIG(status);
  } else {
    result.kind = clinux_wait_continued;
  }
  return result;
}
