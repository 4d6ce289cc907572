// Many listeners to a stream of events, in one thread: when has each heard of each event?
//
//   sse-listeners PORT PATH LISTENERS
//
// Says "ready" when all listen. When stdin ends and all have heard of the last event (within 5 s), or all streams have
// ended, it says, in milliseconds since the event
// happened (its "mono"): events, listeners, what was missed, what came twice or out of order, and of the last listener
// that heard of each event the median, the 99th percentile and the worst.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { mostEvents = 1 << 16, bufferBytes = 1 << 16 };

struct listener {
  int fd;
  int listens;
  long last;
  size_t used;
  char buffer[bufferBytes];
};

// By position, from the first that anybody has heard of.
static struct event {
  int heard;
  double latest;
} events[mostEvents];
static long first = -1, newest = -1;
static long outOfOrder, tooMany;
static int ready, open_;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void hear(struct listener *listener, const char *line, double at) {
  const char *seq = strstr(line, "\"seq\":"), *mono = strstr(line, "\"mono\":");
  if (!seq || !mono) return;
  long position = atol(seq + 6);
  if (listener->last && position != listener->last + 1) outOfOrder++;
  listener->last = position;
  if (first < 0) first = position;
  if (position > newest) newest = position;
  long index = position - first;
  // One who begins a moment earlier than the others may have heard of one before.
  if (index < 0 || index >= mostEvents) { tooMany++; return; }
  double took = at - atof(mono + 7) / 1e3;
  events[index].heard++;
  if (took > events[index].latest) events[index].latest = took;
}

// Chunked coding is not taken apart: sizes stand on lines of their own, and a server sends an event in one piece. A line
// that is cut by one all the same counts as missed.
static void take(struct listener *listener, double at) {
  char *start = listener->buffer, *end;
  listener->buffer[listener->used] = 0;
  while ((end = strchr(start, '\n'))) {
    *end = 0;
    if (!listener->listens && !strncmp(start, "HTTP/1.1 200", 12)) { listener->listens = 1; ready++; }
    if (!strncmp(start, "data:", 5)) hear(listener, start, at);
    start = end + 1;
  }
  listener->used -= start - listener->buffer;
  memmove(listener->buffer, start, listener->used);
  if (listener->used == bufferBytes - 1) { fprintf(stderr, "a line is too long\n"); exit(1); }
}

static int haveAllHeard(const struct listener *listeners, int count) {
  for (int i = 0; i < count; i++) {
    if (listeners[i].last != newest) return 0;
  }
  return 1;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 4) { fprintf(stderr, "usage: sse-listeners PORT PATH LISTENERS\n"); return 64; }
  int count = atoi(argv[3]), poller = epoll_create1(0), said = 0;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct listener *listeners = calloc(count, sizeof *listeners);
  char request[1024];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n", argv[2]);
  for (int i = 0; i < count; i++) {
    struct listener *one = &listeners[i];
    one->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(one->fd, (struct sockaddr *)&server, sizeof server) || write(one->fd, request, length) != length) {
      perror("connect");
      return 1;
    }
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(poller, EPOLL_CTL_ADD, one->fd, &wanted);
    open_++;
  }
  struct epoll_event input = {.events = EPOLLIN | EPOLLHUP, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, 0, &input);
  double end = 0;
  while (open_ && !(end && (haveAllHeard(listeners, count) || now() > end + 5000))) {
    struct epoll_event some[256];
    int n = epoll_wait(poller, some, 256, end ? 100 : -1);
    for (int i = 0; i < n; i++) {
      struct listener *one = some[i].data.ptr;
      if (!one) {
        char byte;
        if (read(0, &byte, 1) <= 0) {
          end = now();
          epoll_ctl(poller, EPOLL_CTL_DEL, 0, NULL);
        }
        continue;
      }
      ssize_t got = read(one->fd, one->buffer + one->used, bufferBytes - 1 - one->used);
      if (got <= 0) {
        close(one->fd);
        open_--;
        continue;
      }
      one->used += got;
      take(one, now());
    }
    if (ready == count && !said++) {
      puts("ready");
      fflush(stdout);
    }
  }
  static double latest[mostEvents];
  long total = 0, missed = 0;
  for (long i = 0; i < mostEvents; i++) {
    if (!events[i].heard) continue;
    latest[total++] = events[i].latest;
    missed += count - events[i].heard;
  }
  qsort(latest, total, sizeof *latest, ascending);
  printf("%ld %d %ld %ld %.2f %.2f %.2f\n", total, open_, missed, outOfOrder + tooMany,
         total ? latest[total / 2] : 0, total ? latest[total * 99 / 100] : 0, total ? latest[total - 1] : 0);
  return 0;
}
