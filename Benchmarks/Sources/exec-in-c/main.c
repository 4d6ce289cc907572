// The steps of `taro exec COMMAND` written in C, as a floor to compare with: open the database, lock, append
// `created`, flush; start the command in a group of its own with two pipes; pass on its output; lock, append
// `running` and the end, flush. No options, no digests, no thread, no projection.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void append(sqlite3 *db, int queue, int wal, const char *sql) {
  flock(queue, LOCK_EX);
  if (sqlite3_exec(db, sql, 0, 0, 0)) fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  flock(queue, LOCK_UN);
  fdatasync(wal);
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  char path[4096];
  mkdir(argv[1], 0700);
  snprintf(path, sizeof path, "%s/queue", argv[1]);
  int queue = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  snprintf(path, sizeof path, "%s/db", argv[1]);
  sqlite3 *db;
  sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0);
  sqlite3_busy_timeout(db, 10000);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, 0);
  sqlite3_exec(db,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
               "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, instance, n, kind, data, digest,"
               "  UNIQUE (instance, n));",
               0, 0, 0);
  snprintf(path, sizeof path, "%s/db-wal", argv[1]);
  int wal = open(path, O_RDWR | O_CLOEXEC);
  char sql[2048];
  snprintf(sql, sizeof sql,
           "BEGIN IMMEDIATE; INSERT INTO event (instance, n, kind, data, digest) VALUES (%d, 1, 'created', '%400s',"
           " randomblob(32)); COMMIT",
           getpid(), argv[2]);
  append(db, queue, wal, sql);

  int out[2], err[2];
  pipe2(out, O_CLOEXEC);
  pipe2(err, O_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child;
  if (posix_spawnp(&child, argv[2], &actions, &attributes, argv + 2, environ)) return 127;
  close(out[1]);
  close(err[1]);
  struct pollfd fds[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  static char buffer[1 << 16];
  for (int open_streams = 2; open_streams;) {
    poll(fds, 2, -1);
    for (int i = 0; i < 2; i++) {
      if (!fds[i].revents) continue;
      ssize_t count = read(fds[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        if (write(i + 1, buffer, count) < 0) return 74;
      } else {
        fds[i].fd = -1;
        open_streams--;
      }
    }
  }
  int status;
  struct rusage usage;
  wait4(child, &status, 0, &usage);
  snprintf(sql, sizeof sql,
           "BEGIN IMMEDIATE; INSERT INTO event (instance, n, kind, data, digest) VALUES (%d, 2, 'running', '%60d',"
           " randomblob(32)), (%d, 3, 'ended', '%200d', randomblob(32)); COMMIT",
           getpid(), child, getpid(), status);
  append(db, queue, wal, sql);
  // As taro does: who opens a ledger alone reads its whole WAL first.
  struct stat size;
  if (fstat(wal, &size) == 0 && size.st_size > 1 << 20)
    sqlite3_wal_checkpoint_v2(db, 0, SQLITE_CHECKPOINT_TRUNCATE, 0, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
