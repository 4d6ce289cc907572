#pragma once
#include <sqlite3.h>

// sqlite3_db_config is variadic, which Swift cannot call.
static inline int csqlite_db_config_flag(sqlite3 *db, int option, int on) {
  return sqlite3_db_config(db, option, on, (int *)0);
}

// The first block of the WAL's index, as this connection has it in its memory; 0 where it has none. Asked of one that has
// no WAL open, SQLite would make an index and never let go of it.
static inline const void *csqlite_wal_index(sqlite3 *db) {
  sqlite3_file *file = 0, *wal = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) != SQLITE_OK || !wal ||
      !wal->pMethods)
    return 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file)
    return 0;
  if (!file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap) return 0;
  volatile void *block = 0;
  if (file->pMethods->xShmMap(file, 0, 32768, 0, &block) != SQLITE_OK) return 0;
  return (const void *)block;
}
