#define _GNU_SOURCE
#include "clinux_signals.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define BIT(signal) (1ULL << ((signal) - 1))

void clinux_change_mask(int how, uint64_t signals, uint64_t *before) {
  syscall(SYS_rt_sigprocmask, how, &signals, before, sizeof signals);
}

uint64_t clinux_thread_mask(void) {
  uint64_t mask = 0;
  clinux_change_mask(SIG_BLOCK, 0, &mask);
  return mask;
}

// The first to come writes it, before there is a second thread.
static uint64_t callers_mask;
static int is_callers_mask_known;
uint64_t clinux_callers_mask(void) {
  return __atomic_load_n(&is_callers_mask_known, __ATOMIC_ACQUIRE) ? callers_mask
                                                                   : clinux_thread_mask();
}

// The C library's own two: its sigaction(3) refuses them, and its first pthread_create(3) unblocks both and gives the
// second a handler.
static const uint64_t library_signals = BIT(32) | BIT(33);
static uint64_t queued_library_signals;
static int is_33_ignored;
// The kernel's structure begins with the handler, and is not longer than this.
struct raw_action {
  void (*handler)(int);
  unsigned long rest[7];
};
static void raw_sigaction(int signal, const struct raw_action *action, struct raw_action *before) {
  syscall(SYS_rt_sigaction, signal, action, before, sizeof(uint64_t));
}

void clinux_block_queued_again(void) {
  uint64_t signals = __atomic_load_n(&queued_library_signals, __ATOMIC_RELAXED);
  if (signals != 0) clinux_change_mask(SIG_BLOCK, signals, 0);
}

int clinux_signalfd(uint64_t signals) {
  uint64_t before;
  clinux_change_mask(SIG_BLOCK, signals, &before);
  if (!__atomic_load_n(&is_callers_mask_known, __ATOMIC_ACQUIRE)) {
    struct raw_action action = {0};
    raw_sigaction(33, 0, &action);
    is_33_ignored = action.handler == SIG_IGN;
    callers_mask = before;
    __atomic_store_n(&is_callers_mask_known, 1, __ATOMIC_RELEASE);
  }
  __atomic_fetch_or(&queued_library_signals, signals & library_signals, __ATOMIC_RELAXED);
  return (int)syscall(SYS_signalfd4, -1, &signals, sizeof signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// A signal that a handler of ours has met, and that was meant for the queue, goes there inside of another one, which is
// always blocked where there is a queue. No program uses this si_code.
static const int carrier_code = -4711;
#define CARRIER SIGRTMIN

static void carry(const siginfo_t *met) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = CARRIER;
  info.si_code = carrier_code;
  info.si_pid = met->si_pid;
  info.si_uid = met->si_uid;
  info.si_value.sival_int = met->si_signo;
  syscall(SYS_rt_sigqueueinfo, getpid(), CARRIER, &info);
}

int clinux_signalfd_read(int fd, struct clinux_signal *signal) {
  struct signalfd_siginfo info;
  do {
    if (read(fd, &info, sizeof info) != sizeof info) return 0;
    // A last one of the timer below; others' end with execve(2).
  } while (info.ssi_code == SI_TIMER && (int)info.ssi_signo == SIGRTMAX - 3);
  signal->number = (int)info.ssi_signo;
  if (info.ssi_code == carrier_code) signal->number = info.ssi_int;
  // si_code above 0: raised by the kernel, not sent with kill(2) or its like.
  signal->sender = info.ssi_code <= 0 && info.ssi_code != SI_TIMER ? (pid_t)info.ssi_pid : 0;
  signal->is_own =
      info.ssi_code == SI_TIMER || (info.ssi_code >= POLL_IN && info.ssi_code <= POLL_HUP);
  signal->uid = info.ssi_uid;
  return 1;
}

// What this process has changed, and which of it its caller had told it to ignore.
static uint64_t changed, was_ignored;

static int change_action(int signal, const struct sigaction *action) {
  struct sigaction before;
  if (sigaction(signal, action, &before) != 0) return -1;
  if (__atomic_load_n(&changed, __ATOMIC_RELAXED) & BIT(signal)) return 0;
  if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == action->sa_handler) return 0;
  if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN)
    __atomic_fetch_or(&was_ignored, BIT(signal), __ATOMIC_RELAXED);
  __atomic_fetch_or(&changed, BIT(signal), __ATOMIC_RELAXED);
  return 0;
}

static void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  change_action(signal, &action);
}

// In the child of vfork(2), whose table of handlers is its own.
void clinux_restore_actions(uint64_t defaults) {
  uint64_t signals = changed | defaults;
  for (int signal = 1; signals != 0; signal++, signals >>= 1) {
    if (!(signals & 1) || signal == SIGKILL || signal == SIGSTOP) continue;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = (was_ignored & ~defaults & BIT(signal)) ? SIG_IGN : SIG_DFL;
    sigaction(signal, &action, 0);
  }
  if (is_33_ignored && !(defaults & BIT(33))) {
    struct raw_action action = {.handler = SIG_IGN};
    raw_sigaction(33, &action, 0);
  }
  struct raw_action standard = {.handler = SIG_DFL};
  for (int signal = 32; signal <= 33; signal++)
    if (defaults & BIT(signal)) raw_sigaction(signal, &standard, 0);
}

int clinux_signal_is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, 0, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
         action.sa_handler == SIG_IGN;
}
void clinux_signal_ignore(int signal) { set_handler(signal, SIG_IGN); }
void clinux_signal_default(int signal) { set_handler(signal, SIG_DFL); }

void clinux_die_of(int number) {
  // Where cores are piped to a program, RLIMIT_CORE keeps none away (core(5)).
  prctl(PR_SET_DUMPABLE, 0);
  set_handler(number, SIG_DFL);
  struct raw_action action = {.handler = SIG_DFL};
  if (number == 32 || number == 33) raw_sigaction(number, &action, 0);
  clinux_change_mask(SIG_UNBLOCK, BIT(number), 0);
  // Not raise(3), which refuses glibc's own two.
  syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

void clinux_feel_signal(int number, int with_group) {
  uint64_t previous;
  clinux_change_mask(SIG_UNBLOCK, BIT(number), &previous);
  kill(with_group ? 0 : getpid(), number);
  clinux_change_mask(SIG_SETMASK, previous, 0);
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

// The timer's is only to interrupt; one that somebody sends goes where it would have gone.
static void interrupt(int signal, siginfo_t *info, void *context) {
  (void)context;
  if (info->si_code != SI_TIMER && !(was_ignored & BIT(signal))) carry(info);
}

int clinux_interrupter_start(struct clinux_interrupter *interrupter, long first_ms, long every_ms) {
  // Without SA_RESTART: the blocked call returns EINTR.
  const int signal_number = SIGRTMAX - 3;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = interrupt;
  action.sa_flags = SA_SIGINFO;
  if (change_action(signal_number, &action) != 0) return -1;

  clinux_change_mask(SIG_UNBLOCK, BIT(signal_number), &interrupter->mask);

  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal_number;
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) {
    clinux_change_mask(SIG_SETMASK, interrupter->mask, 0);
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
  clinux_change_mask(SIG_SETMASK, interrupter->mask, 0);
}

static int kept_terminal;
static struct termios kept_modes;
// Async-signal-safe calls only (signal-safety(7)).
static void restore_modes_and_die(int signal, siginfo_t *info, void *context) {
  (void)context;
  // Sent by somebody else, it is meant for the job.
  if (info->si_code <= 0 && info->si_pid != getpid()) {
    carry(info);
    return;
  }
  if (tcgetpgrp(kept_terminal) == getpgrp()) tcsetattr(kept_terminal, TCSANOW, &kept_modes);
  // It is unblocked when this one returns.
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, 0);
  raise(signal);
}

void clinux_keep_modes_on_faults(int terminal) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};
  if (tcgetattr(terminal, &kept_modes) != 0) return;
  kept_terminal = terminal;
  uint64_t handled = 0;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct sigaction action;
    if (sigaction(faults[i], 0, &action) != 0 || action.sa_flags & SA_SIGINFO) continue;
    if (action.sa_handler != SIG_DFL) continue;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = restore_modes_and_die;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    if (change_action(faults[i], &action) == 0) handled |= BIT(faults[i]);
  }
  // The kernel calls no handler for a fault that is blocked, and kills at once.
  clinux_change_mask(SIG_UNBLOCK, handled, 0);
}

int clinux_pidfd_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);
}
