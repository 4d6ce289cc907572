#pragma once

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { clinux_pid_digits = 11 };

// Starts a process as posix_spawn(3) would, and does in it what that cannot: a directory, a umask and a niceness of its
// own, a signal when its parent dies, the limits that this process was started with; and signals 32 and 33 are left as they are.
struct clinux_spawn {
  const char *path;
  char *const *arguments;
  char *const *environment;
  // Where in the environment the child's own pid is to stand, each with room for so many digits and a NUL.
  char *const *pid_places;
  int pid_place_count;
  const char *directory;     // null: as here
  const char *own_terminal;  // null, or what becomes 0, 1 and 2, and the terminal of a new session
  uint64_t mask;             // of blocked signals
  uint64_t defaults;         // signals that are set to their defaults
  int streams[3];            // what becomes 0, 1 and 2; -1: inherited
  int terminal;              // -1, or whose foreground the child's group becomes
  int umask;                 // -1: as here
  int niceness;              // with sets_niceness
  int sets_niceness;
  int shares_group;  // it stays in this process's group instead of leading one
  int closes_others;
  int dies_with_parent;  // SIGKILL when the thread that calls this ends (PR_SET_PDEATHSIG)
  // Why it did not get its niceness, which keeps it from nothing.
  int niceness_error;
  // Where it failed.
  enum {
    clinux_spawn_executing,
    clinux_spawn_forking,
    clinux_spawn_preparing,
    clinux_spawn_in_directory,
    clinux_spawn_on_terminal
  } step;
};
// Returns 0 once it executes, and its pid, or why it does not.
int clinux_spawn(struct clinux_spawn *plan, pid_t *pid);

// Descendants whose parents have ended become children of this process (PR_SET_CHILD_SUBREAPER). Returns 0 or -1.
int clinux_adopt_orphans(void);
// A child that has ended and that nobody has waited for, which this does not; 0 when there is none.
pid_t clinux_ended_child(void);

// wait4(2)'s status, taken apart.
enum clinux_wait_kind {
  clinux_wait_exited,
  clinux_wait_signaled,
  clinux_wait_stopped,
  clinux_wait_continued,
  clinux_wait_none,
  clinux_wait_failed,
};
struct clinux_wait_result {
  enum clinux_wait_kind kind;
  int value;        // exit status or signal
  int core_dumped;  // 1 when a killed one left a core dump
};
struct clinux_wait_result clinux_wait_decode(int status);
// What has happened to a child, if anything: told once, but its end, which is told until it is waited for.
struct clinux_wait_result clinux_child_change(pid_t pid, struct rusage *usage);
