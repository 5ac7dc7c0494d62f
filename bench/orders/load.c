// Buyers at one HTTP server from one thread: each connection asks, waits for the whole answer, asks on.
//
// The file holds whole requests, each behind its length (4 bytes, little endian); KEY_MARK in one is
// overwritten with a key that no other request of this run or another bears. Request n is record
// (first + n) % records. Prints one JSON object.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_MARK "################################"
#define KEY_CHARS 32
#define ANSWER_MAX 8192
#define STATUSES 600

struct record { char *text; uint32_t size; char *key; };
struct buyer { int fd, got; uint64_t asked_ns; struct record *waiting; char answer[ANSWER_MAX]; };

static struct record *records;
static uint32_t record_count;
static uint64_t asked, answered, wanted = 10000, first, by_status[STATUSES], broken;
static uint32_t *took_us; // of every answer, in microseconds
static int port, connections = 64, queue;
static uint32_t run_no;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *what) { perror(what); exit(1); }

static void read_records(const char *name) {
  int fd = open(name, O_RDONLY);
  struct stat s;
  if (fd < 0 || fstat(fd, &s)) fail(name);
  char *all = mmap(NULL, s.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  if (all == MAP_FAILED) fail("mmap");
  for (char *p = all; p < all + s.st_size; record_count++) p += 4 + *(uint32_t *)p;
  records = calloc(record_count, sizeof *records);
  uint32_t i = 0;
  for (char *p = all; p < all + s.st_size; i++) {
    struct record *one = &records[i];
    one->size = *(uint32_t *)p, one->text = p + 4;
    one->key = memmem(one->text, one->size, KEY_MARK, KEY_CHARS);
    p += 4 + one->size;
  }
}

static void dial(struct buyer *one) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int on = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  one->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (one->fd < 0 || connect(one->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(one->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, one->fd, &event)) fail("epoll_ctl");
}

static void ask(struct buyer *one) {
  one->waiting = NULL;
  if (asked >= wanted) return;
  struct record *what = &records[(first + asked) % record_count];
  if (what->key) {
    char key[KEY_CHARS + 1];
    snprintf(key, sizeof key, "%08x%08x%016llx", run_no, (uint32_t)getpid(), (unsigned long long)asked);
    memcpy(what->key, key, KEY_CHARS);
  }
  one->asked_ns = now_ns(), one->got = 0, one->waiting = what, asked++;
  // A request is smaller than an empty socket's buffer, so it goes out whole.
  if (write(one->fd, what->text, what->size) != (ssize_t)what->size) fail("write");
}

static void again(struct buyer *one) {
  close(one->fd);
  dial(one);
}

// The status of a whole answer, 0 while it is not whole.
static int whole(struct buyer *one) {
  one->answer[one->got] = 0;
  char *end = strstr(one->answer, "\r\n\r\n");
  if (!end) return 0;
  char *length = strcasestr(one->answer, "content-length:");
  long body = length && length < end ? strtol(length + 15, NULL, 10) : 0;
  if (one->got < end + 4 - one->answer + body) return 0;
  return atoi(one->answer + 9);
}

static void hear(struct buyer *one) {
  ssize_t got = read(one->fd, one->answer + one->got, ANSWER_MAX - 1 - one->got);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    if (one->waiting) broken++, answered++;
    again(one), ask(one);
    return;
  }
  one->got += got;
  int status = whole(one);
  if (!status) return;
  if (status < STATUSES) by_status[status]++;
  took_us[answered++] = (now_ns() - one->asked_ns) / 1000;
  ask(one);
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  const char *file = NULL;
  for (int o; (o = getopt(argc, argv, "p:c:n:f:o:r:")) > 0;) {
    if (o == 'p') port = atoi(optarg);
    else if (o == 'c') connections = atoi(optarg);
    else if (o == 'n') wanted = atoll(optarg);
    else if (o == 'f') file = optarg;
    else if (o == 'o') first = atoll(optarg);
    else if (o == 'r') run_no = atoi(optarg);
    else return 2;
  }
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  read_records(file);
  took_us = calloc(wanted + connections, sizeof *took_us);
  struct buyer *buyers = calloc(connections, sizeof *buyers);
  queue = epoll_create1(0);
  for (int i = 0; i < connections; i++) dial(&buyers[i]);
  uint64_t begin = now_ns();
  for (int i = 0; i < connections; i++) ask(&buyers[i]);
  struct epoll_event events[256];
  while (answered < wanted) {
    int n = epoll_wait(queue, events, 256, 30000);
    if (n == 0) { fprintf(stderr, "no answer for 30 s\n"); return 1; }
    for (int i = 0; i < n; i++) hear(events[i].data.ptr);
  }
  double seconds = (now_ns() - begin) / 1e9;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  uint64_t heard = answered;
  qsort(took_us, heard, sizeof *took_us, by_size);
  printf("{\"seconds\": %.4f, \"answers\": %llu, \"per_s\": %.1f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"load_cpu_s\": %.3f, \"broken\": %llu, \"status\": {",
         seconds, (unsigned long long)heard, heard / seconds, took_us[heard / 2] / 1e3, took_us[heard * 99 / 100] / 1e3, cpu, (unsigned long long)broken);
  for (int i = 100, some = 0; i < STATUSES; i++)
    if (by_status[i]) printf("%s\"%d\": %llu", some++ ? ", " : "", i, (unsigned long long)by_status[i]);
  printf("}}\n");
  return 0;
}
