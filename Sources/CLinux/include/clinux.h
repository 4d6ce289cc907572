#pragma once

#include <sys/types.h>

// The system calls that Swift's importer cannot express: variadic ones, macros with arguments, unions, and
// what glibc declares for _GNU_SOURCE alone. Each returns what the call returns and leaves errno.

// The words that this process was started with, the program's name first. Swift's own CommandLine reads them in /proc.
int clinux_argument_count(void);
const char *clinux_argument(int index);

int clinux_open(const char *path, int flags, mode_t mode);
int clinux_openat(int directory, const char *name, int flags, mode_t mode);
// open(2)'s flag for what is only a place for other calls to begin at.
extern const int clinux_path_only;
int clinux_pipe(int ends[2]);
// A file in `directory` without a name, for this process alone. Returns a descriptor or -1.
int clinux_unnamed_file(const char *directory);
// open(2)'s flag for a file without a name, and the name for it afterwards, in `directory`. Returns 0 or -1.
extern const int clinux_tmpfile;
int clinux_give_name(int fd, int directory, const char *name);
// Renames a file of the directory, unless something has the other name (EEXIST). Returns 0 or -1.
int clinux_rename_to_free(int directory, const char *name, const char *other);
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

// A descriptor that is readable from a moment of CLOCK_BOOTTIME on, microseconds since boot. Return it or -1; 0 or -1.
int clinux_boot_timer(void);
int clinux_boot_timer_set(int fd, long long microseconds);

int clinux_eventfd(void);
void clinux_eventfd_signal(int fd);
void clinux_eventfd_clear(int fd);

// A non-blocking datagram socket that sends to the Unix socket `path`, or -1: sockaddr_un's path is an array.
int clinux_datagram_socket(const char *path);
int clinux_send(int fd, const void *bytes, size_t count);

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
int clinux_pidfd_open(pid_t pid);
// When the file was made, nanoseconds since 1970; 0 where the file system does not know (statx(2)).
long long clinux_birth_time(const char *path);
// The magic number of the file system that holds `path` (statfs(2)).
int clinux_file_system_type(const char *path, long *type);
