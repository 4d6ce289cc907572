// Durable one-row commits the way SQLite users write them: its own busy handler and synchronous=FULL. The peer of
// the ledger's append queue. Prints commits and the worst wait in microseconds.
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  long long end = now() + atoll(argv[2]) * 1000, worst = 0, count = 0;
  sqlite3 *db;
  sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
  sqlite3_busy_timeout(db, 60000);
  sqlite3_exec(db,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
               "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, data)",
               0, 0, 0);
  for (long long start = now(); start < end; start = now()) {
    if (sqlite3_exec(db, "INSERT INTO event (data) VALUES (printf('%200d', 1))", 0, 0, 0)) return 1;
    long long took = now() - start;
    if (took > worst) worst = took;
    count++;
  }
  printf("%lld %lld\n", count, worst);
}
