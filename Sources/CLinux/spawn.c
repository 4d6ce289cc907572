#define _GNU_SOURCE
#include "clinux_spawn.h"
#include "limits.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Up to its execve(2) the child has this process's memory, and the thread that calls waits (vfork(2)). So it calls
// only what is async-signal-safe, writes nothing but the plan, and no handler runs in it: everything is blocked until
// each signal that has one here is set to what it was.

// Of the child's own table; what it copies goes with its execve(2).
static int out_of_the_way(int fd, int below) {
  return fd >= 0 && fd < below ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;
}

static int give_stream(int source, int target) {
  if (source < 0) return 0;
  if (source != target) return dup2(source, target) < 0;
  // Its own number: only close-on-exec is in the way.
  return fcntl(source, F_SETFD, 0) < 0;
}

static int give_streams(const int streams[3]) {
  // Made in this order, so what is still to be copied must not be overwritten.
  int out = streams[0] >= 0 && streams[1] == 0 ? out_of_the_way(streams[1], 1) : streams[1];
  int err = streams[2] < 2 && streams[2] >= 0 && streams[streams[2]] >= 0
                ? out_of_the_way(streams[2], 2)
                : streams[2];
  return give_stream(streams[0], 0) || give_stream(out, 1) || give_stream(err, 2);
}

static int take_terminal(const char *path) {
  // The first terminal that the leader of a session opens is its controlling one.
  int fd = open(path, O_RDWR);
  if (fd < 0) return -1;
  for (int target = 0; target < 3; target++)
    if (fd != target && dup2(fd, target) < 0) return -1;
  if (fd > 2) close(fd);
  return 0;
}

static void close_others(void) {
  if (syscall(SYS_close_range, 3, ~0U, 0) == 0) return;
  // Before Linux 5.9. What is not close-on-exec was inherited, and has a low number as a rule.
  for (int fd = 3; fd < 65536; fd++) close(fd);
}

// In decimal, at the end of a variable that has room for it.
static void write_pid(char *place, pid_t pid) {
  char digits[clinux_pid_digits];
  int count = 0;
  do digits[count++] = (char)('0' + pid % 10); while ((pid /= 10) > 0);
  while (count > 0) *place++ = digits[--count];
  *place = 0;
}

__attribute__((noreturn)) static void become(
    struct clinux_spawn *plan, pid_t parent, volatile int *error) {
  plan->step = clinux_spawn_preparing;
  if (plan->own_terminal != 0) {
    if (setsid() < 0) goto failed;
  } else if (!plan->shares_group && setpgid(0, 0) != 0) {
    goto failed;
  }
  if (plan->dies_with_parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) goto failed;
    // It may have died before.
    if (getppid() != parent) kill(getpid(), SIGKILL);
  }
  if (plan->umask >= 0) umask((mode_t)plan->umask);
  if (plan->directory != 0 && chdir(plan->directory) != 0) {
    plan->step = clinux_spawn_in_directory;
    goto failed;
  }
  if (plan->sets_niceness && setpriority(PRIO_PROCESS, 0, plan->niceness) != 0)
    plan->niceness_error = errno;
  // By a descriptor that another stream may take the place of.
  if (plan->terminal >= 0 && tcsetpgrp(plan->terminal, getpid()) != 0) {
    plan->step = clinux_spawn_on_terminal;
    goto failed;
  }
  if (plan->own_terminal != 0 ? take_terminal(plan->own_terminal) : give_streams(plan->streams))
    goto failed;
  if (plan->closes_others) close_others();
  // After what needs descriptors of our own.
  if (clinux_restore_limits() != 0) goto failed;
  clinux_restore_actions(plan->defaults);
  clinux_change_mask(SIG_SETMASK, plan->mask, 0);
  for (int i = 0; i < plan->pid_place_count; i++) write_pid(plan->pid_places[i], getpid());
  plan->step = clinux_spawn_executing;
  execve(plan->path, plan->arguments, plan->environment);
failed:
  *error = errno != 0 ? errno : EIO;
  _exit(127);
}

__attribute__((noinline)) int clinux_spawn(struct clinux_spawn *plan, pid_t *pid) {
  volatile int error = 0;
  uint64_t before;
  pid_t parent = getpid();
  plan->niceness_error = 0;
  plan->step = clinux_spawn_forking;
  clinux_change_mask(SIG_BLOCK, ~0ULL, &before);
  pid_t child = vfork();
  if (child == 0) become(plan, parent, &error);
  int cause = errno;
  clinux_change_mask(SIG_SETMASK, before, 0);
  if (child < 0) return cause;
  if (error != 0) {
    while (waitpid(child, 0, 0) < 0 && errno == EINTR) continue;
    return error;
  }
  *pid = child;
  return 0;
}

int clinux_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }

pid_t clinux_ended_child(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 0;
  return info.si_pid;
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

struct clinux_wait_result clinux_child_change(pid_t pid, struct rusage *usage) {
  struct clinux_wait_result result = {clinux_wait_none, 0, 0};
  siginfo_t info;
  memset(&info, 0, sizeof info);
  // The call itself, and not the C library's function: it tells the usage too. What is told of a stop is taken in the
  // same call: a look first could take another one that has followed meanwhile. ECHILD: it has ended.
  const int stops = WSTOPPED | WCONTINUED | WNOHANG;
  if (syscall(SYS_waitid, P_PID, pid, &info, stops, usage) == 0 && info.si_pid != 0) {
    result.value = info.si_status;
    result.kind = info.si_code == CLD_CONTINUED ? clinux_wait_continued : clinux_wait_stopped;
    return result;
  }
  memset(&info, 0, sizeof info);
  if (syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT, usage) != 0) {
    if (errno != EINTR) result.kind = clinux_wait_failed;
    return result;
  }
  if (info.si_pid == 0) return result;
  result.value = info.si_status;
  result.kind = info.si_code == CLD_EXITED ? clinux_wait_exited : clinux_wait_signaled;
  result.core_dumped = info.si_code == CLD_DUMPED;
  return result;
}
