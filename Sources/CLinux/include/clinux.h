#pragma once

#include <sys/types.h>

// The system calls that Swift's importer cannot express: variadic ones, macros with arguments, unions, and
// what glibc declares for _GNU_SOURCE alone. Each returns what the call returns and leaves errno.

// The words that this process was started with, the program's name first. Swift's own CommandLine reads them in /proc.
int clinux_argument_count(void);
const char *clinux_argument(int index);

int clinux_open(const char *path, int flags, mode_t mode);
int clinux_pipe(int ends[2]);
// A file in `directory` without a name, for this process alone. Returns a descriptor or -1.
int clinux_unnamed_file(const char *directory);
// open(2)'s flag for a file without a name, and the name for it afterwards. Returns 0 or -1.
extern const int clinux_tmpfile;
int clinux_give_name(int fd, const char *path);
// Sets the space of the file's first `bytes` aside; its size stays. Returns 0 or -1.
int clinux_reserve_space(int fd, off_t bytes);
// A descriptor that takes whatever is written to it and keeps nothing, as /dev/null does where there is one. Returns -1
// when there is none to have.
int clinux_discarding_socket(void);
int clinux_fcntl(int fd, int operation, int value);
int clinux_set_pipe_size(int fd, int bytes);

// Sends SIGCONT to this process, which lets a stopped one go on, when there is something to read.
void clinux_continue_when_readable(int fd, int is_wanted);

// Locks on one byte that belong to the open file description.
int clinux_ofd_lock(int fd, off_t byte, int exclusive);

// Lets go of that byte.
int clinux_ofd_unlock(int fd, off_t byte);
// 1 when somebody else's lock conflicts with an exclusive one, 0 when none does.
int clinux_ofd_is_held(int fd, off_t byte);

// A timer that interrupts the calling thread, and it alone, first after `first_ms`, then every `every_ms`: the
// only way to give a blocking flock(2) a deadline. Returns 0 or -1.
struct clinux_interrupter {
  void *timer;
  unsigned long mask[16];
};
int clinux_interrupter_start(struct clinux_interrupter *interrupter, long first_ms, long every_ms);
void clinux_interrupter_stop(struct clinux_interrupter *interrupter);

int clinux_eventfd(void);
void clinux_eventfd_signal(int fd);
void clinux_eventfd_clear(int fd);

// A non-blocking datagram socket that sends to the Unix socket `path`, or -1: sockaddr_un's path is an array.
int clinux_datagram_socket(const char *path);
int clinux_send(int fd, const void *bytes, size_t count);

// Blocks the signals on this thread and returns a non-blocking descriptor that queues them.
int clinux_signalfd(const int *signals, int count);
struct clinux_signal {
  int number;
  pid_t sender;  // 0: the kernel
  int is_own;    // 1: of a timer or descriptor of this process
  unsigned uid;
};
// 1 when there was one, 0 when there is none.
int clinux_signalfd_read(int fd, struct clinux_signal *signal);

int clinux_signal_is_ignored(int signal);
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

// Gives the child's process group the terminal before it executes, glibc 2.35 and later.
int clinux_spawn_give_terminal(void *file_actions, int fd);
// posix_spawn(3)'s file action that closes this descriptor and all above it.
int clinux_spawn_close_from(void *file_actions, int fd);
// posix_spawn(3)'s flag for a child that leads a new session.
extern const short clinux_spawn_new_session;
// The environment of this process as execve(2) takes it: environ is a variable, and Swift 6 reads none of C's.
char **clinux_environment(void);

// Swift hides fork(2), which is sound only in a process of one thread.
pid_t clinux_fork(void);
// Closes every descriptor above 2 but `kept`, which is one.
void clinux_close_all_but(int kept);

// Gives the calling thread a directory and a umask of its own (unshare(2), CLONE_FS). Returns 0 or -1.
int clinux_own_directory_and_umask(void);
// Of the calling thread alone: on Linux the niceness is a thread's (setpriority(2), BUGS). Returns 0 or -1.
int clinux_set_niceness(int niceness);

// A new pseudo-terminal (pty(7)): returns its master, close-on-exec, and the path of its slave.
int clinux_pty(char *path, size_t size);
int clinux_window_size(int fd, unsigned short *rows, unsigned short *columns);
int clinux_set_window_size(int fd, unsigned short rows, unsigned short columns);
// A signal that is about to kill this process, and that it would not see otherwise, first gives the terminal its
// present modes back, provided the process is in its foreground.
void clinux_keep_modes_on_fatal_signals(int terminal);
int clinux_pidfd_open(pid_t pid);
// When the file was made, nanoseconds since 1970; 0 where the file system does not know (statx(2)).
long long clinux_birth_time(const char *path);
// The magic number of the file system that holds `path` (statfs(2)).
int clinux_file_system_type(const char *path, long *type);

// wait4(2)'s status, taken apart.
enum clinux_wait_kind { clinux_wait_exited, clinux_wait_signaled, clinux_wait_stopped, clinux_wait_continued };
struct clinux_wait_result {
  enum clinux_wait_kind kind;
  int value;        // exit status or signal
  int core_dumped;  // 1 when a killed one left a core dump
};
struct clinux_wait_result clinux_wait_decode(int status);
