#pragma once

#include <stdint.h>
#include <sys/types.h>

// Sets of signals are the kernel's own, bit N-1 for signal N: the C library's functions leave out 32 and 33, which it
// keeps for itself, and others may send.

// Blocks the signals on this thread and returns a non-blocking descriptor that queues them, or -1.
int clinux_signalfd(uint64_t signals);
// After a thread was started, on it and on who has started it: see signals.c.
void clinux_block_queued_again(void);
struct clinux_signal {
  int number;
  pid_t sender;  // 0: the kernel
  int is_own;    // 1: of a timer or descriptor of this process
  unsigned uid;
};
// 1 when there was one, 0 when there is none.
int clinux_signalfd_read(int fd, struct clinux_signal *signal);

// The mask that this process was started with: what the first thread had before anything was blocked here.
uint64_t clinux_callers_mask(void);
// The calling thread's.
uint64_t clinux_thread_mask(void);

int clinux_signal_is_ignored(int signal);
// The caller's disposition comes back in every process that is spawned from here.
void clinux_signal_ignore(int signal);
void clinux_signal_default(int signal);
// Ends the process by the signal, without a core. Returns where that is not possible: nothing kills the first process of
// a pid namespace from inside (pid_namespaces(7)).
void clinux_die_of(int signal);
// Lets the signal act on the calling thread while it sends it to this process, or to its whole process group.
void clinux_feel_signal(int signal, int with_group);
// Sends SIGCONT to this process, which lets a stopped one go on, at that time since boot. Returns 0 or -1.
int clinux_continue_at(long long microseconds, void **timer);
void clinux_cancel_continue(void *timer);
// Ends the process at once, with that code, when the signal comes.
void clinux_exit_on_signal(int signal, int code);

// A timer that interrupts the calling thread, and it alone, first after `first_ms`, then every `every_ms`: the
// only way to give a blocking flock(2) a deadline. Returns 0 or -1.
struct clinux_interrupter {
  void *timer;
  uint64_t mask;
};
int clinux_interrupter_start(struct clinux_interrupter *interrupter, long first_ms, long every_ms);
void clinux_interrupter_stop(struct clinux_interrupter *interrupter);

// A fault of this thread that is about to kill the process first gives the terminal its present modes back, provided
// the process is in its foreground. Signals of the same names that somebody sends are queued as ever.
void clinux_keep_modes_on_faults(int terminal);

// A signal to the process of a pidfd. Returns 0 or -1.
int clinux_pidfd_signal(int pidfd, int signal);
