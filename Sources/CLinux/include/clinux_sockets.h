#pragma once

#include <stddef.h>

// Sockets for a server: their addresses are unions, and netlink's messages are macros.

// A TCP socket that is bound and listens. `address` has 4 or 16 bytes, by `family` (AF_INET, AF_INET6). Returns a
// descriptor, or -1.
int clinux_listen_tcp(int family, const unsigned char *address, unsigned short port, unsigned scope, int backlog);
// A unix socket at `path` that only this user can connect to, from its first moment on. Returns a descriptor, or -1.
int clinux_listen_unix(const char *path, int backlog);
// 1 when somebody listens at `path`, 0 when nobody does, -1 when that cannot be told.
int clinux_unix_is_live(const char *path);

struct clinux_socket_name {
  int family;
  unsigned short port;
  unsigned char address[16];
};
// Where a socket is bound. Returns 0 or -1.
int clinux_socket_name(int fd, struct clinux_socket_name *name);

struct clinux_socket_owner {
  unsigned uid;
  unsigned inode;
  // tcp(7): 1 is ESTABLISHED.
  unsigned state;
};
// Whose is the socket that is bound to `own` and connected to `other` (sock_diag(7))? Returns 0, or -1: ENOENT when the
// kernel knows none.
int clinux_socket_owner(
    const struct clinux_socket_name *own, const struct clinux_socket_name *other, struct clinux_socket_owner *owner);

// A datagram socket with this name, for what a service manager is told (sd_notify(3)). `name` may begin with '@'.
// Returns 0 or -1.
int clinux_send_to_unix(const char *name, const void *bytes, size_t count);

// Lets this process have as many open files as it may. Returns how many.
long clinux_raise_open_files(void);
