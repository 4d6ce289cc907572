#define _GNU_SOURCE
#include "include/clinux_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int failed(int fd) {
  int cause = errno;
  close(fd);
  errno = cause;
  return -1;
}

int clinux_listen_tcp(int family, const unsigned char *address, unsigned short port, unsigned scope, int backlog) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_storage storage = {0};
  socklen_t length;
  if (family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    struct sockaddr_in6 *name = (struct sockaddr_in6 *)&storage;
    name->sin6_family = AF_INET6;
    name->sin6_port = htons(port);
    name->sin6_scope_id = scope;
    memcpy(&name->sin6_addr, address, 16);
    length = sizeof *name;
  } else {
    struct sockaddr_in *name = (struct sockaddr_in *)&storage;
    name->sin_family = AF_INET;
    name->sin_port = htons(port);
    memcpy(&name->sin_addr, address, 4);
    length = sizeof *name;
  }
  if (bind(fd, (struct sockaddr *)&storage, length) != 0) return failed(fd);
  if (listen(fd, backlog) != 0) return failed(fd);
  return fd;
}

static int unix_name(const char *path, struct sockaddr_un *name, socklen_t *length) {
  size_t count = strlen(path);
  if (count >= sizeof name->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  memcpy(name->sun_path, path, count);
  *length = sizeof *name;
  if (path[0] == '@') {
    name->sun_path[0] = 0;
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count);
  }
  return 0;
}

int clinux_listen_unix(const char *path, int backlog) {
  struct sockaddr_un name;
  socklen_t length;
  if (unix_name(path, &name, &length) != 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // The file that bind(2) makes has the mode that the socket has now.
  if (fchmod(fd, 0600) != 0) return failed(fd);
  if (bind(fd, (struct sockaddr *)&name, length) != 0) return failed(fd);
  if (chmod(path, 0600) != 0) return failed(fd);
  if (listen(fd, backlog) != 0) return failed(fd);
  return fd;
}

int clinux_unix_is_live(const char *path) {
  struct sockaddr_un name;
  socklen_t length;
  if (unix_name(path, &name, &length) != 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int result = connect(fd, (struct sockaddr *)&name, length);
  int cause = errno;
  close(fd);
  // A queue that is full is somebody's.
  if (result == 0 || cause == EAGAIN || cause == EINPROGRESS) return 1;
  errno = cause;
  return cause == ECONNREFUSED ? 0 : -1;
}

int clinux_socket_name(int fd, struct clinux_socket_name *result) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof storage;
  memset(result, 0, sizeof *result);
  if (getsockname(fd, (struct sockaddr *)&storage, &length) != 0) return -1;
  result->family = storage.ss_family;
  if (storage.ss_family == AF_INET) {
    struct sockaddr_in *name = (struct sockaddr_in *)&storage;
    result->port = ntohs(name->sin_port);
    memcpy(result->address, &name->sin_addr, 4);
  } else if (storage.ss_family == AF_INET6) {
    struct sockaddr_in6 *name = (struct sockaddr_in6 *)&storage;
    result->port = ntohs(name->sin6_port);
    memcpy(result->address, &name->sin6_addr, 16);
  }
  return 0;
}

int clinux_socket_owner(
    const struct clinux_socket_name *own, const struct clinux_socket_name *other, struct clinux_socket_owner *owner) {
  int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return -1;
  struct timeval patience = {.tv_sec = 1};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } question;
  memset(&question, 0, sizeof question);
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.request.sdiag_family = (unsigned char)own->family;
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = ~0u;
  question.request.id.idiag_sport = htons(own->port);
  question.request.id.idiag_dport = htons(other->port);
  memcpy(question.request.id.idiag_src, own->address, 16);
  memcpy(question.request.id.idiag_dst, other->address, 16);
  question.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  question.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(fd, &question, sizeof question, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return failed(fd);

  _Alignas(struct nlmsghdr) char answer[4096];
  ssize_t count = recv(fd, answer, sizeof answer, 0);
  if (count < 0) return failed(fd);
  close(fd);
  struct nlmsghdr *header = (struct nlmsghdr *)answer;
  if (!NLMSG_OK(header, (size_t)count)) {
    errno = EPROTO;
    return -1;
  }
  if (header->nlmsg_type == NLMSG_ERROR) {
    errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
    return -1;
  }
  if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
    errno = EPROTO;
    return -1;
  }
  struct inet_diag_msg *message = NLMSG_DATA(header);
  // Where there is no such connection, the kernel tells of whoever listens at that end.
  if (message->id.idiag_sport != question.request.id.idiag_sport ||
      message->id.idiag_dport != question.request.id.idiag_dport) {
    errno = ENOENT;
    return -1;
  }
  owner->uid = message->idiag_uid;
  owner->inode = message->idiag_inode;
  owner->state = message->idiag_state;
  return 0;
}

int clinux_send_to_unix(const char *path, const void *bytes, size_t count) {
  struct sockaddr_un name;
  socklen_t length;
  if (unix_name(path, &name, &length) != 0) return -1;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&name, length) < 0) return failed(fd);
  close(fd);
  return 0;
}

long clinux_raise_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max < (1 << 20) ? limit.rlim_max : (1 << 20);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return (long)limit.rlim_cur;
}
