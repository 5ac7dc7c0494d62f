// Load on one room from one thread: viewers over WebSocket, a publisher on the server's control port.
//
// Every published line carries '^' (event) or '`' (chat) and the sending instant as 16 hex digits of
// monotonic nanoseconds, the first three of them 0 (a frame's length may look like either sign); a
// viewer that sees one is a delivery. Prints one JSON object.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK 17
#define JOINS_UNDER_WAY_MAX 200
enum state { CONNECTING, GREETING, VIEWING, GONE };

struct viewer {
  int fd;
  enum state state;
  int held; // bytes of a mark that a read cut in two
  char hold[MARK];
};

static struct viewer *viewers;
static char **paths;
static int count = 1000, port, control_port, server_pid, epoll, up, gone;
static double event_rate, chat_rate, seconds = 5;
static const char *paths_file;
static uint64_t events, chats, buckets[8192], bucketed;
static char buffer[1 << 18];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static double server_cpu_s(void) {
  char name[64], line[1024];
  unsigned long user, kernel;
  snprintf(name, sizeof name, "/proc/%d/stat", server_pid);
  FILE *file = fopen(name, "r");
  if (!file) return 0;
  char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
  fclose(file);
  if (!end || sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2) return 0;
  return (user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double server_kb(void) {
  char name[64];
  unsigned long all, resident = 0;
  snprintf(name, sizeof name, "/proc/%d/statm", server_pid);
  FILE *file = fopen(name, "r");
  if (file) {
    if (fscanf(file, "%lu %lu", &all, &resident) != 2) resident = 0;
    fclose(file);
  }
  return resident * (sysconf(_SC_PAGESIZE) / 1024.0);
}

// Latencies: 0.5 ms steps, up to 4 s.
static void took(uint64_t ns) {
  uint64_t step = ns / 500000;
  buckets[step < 8192 ? step : 8191]++;
  bucketed++;
}

static double percentile_ms(double share) {
  uint64_t wanted = bucketed * share, seen = 0;
  for (int step = 0; step < 8192; step++)
    if ((seen += buckets[step]) > wanted) return step * 0.5 + 0.5;
  return -1;
}

static int mark(const char *text, uint64_t at) {
  char digits[17];
  if (memcmp(text + 1, "000", 3)) return 0;
  memcpy(digits, text + 1, 16);
  digits[16] = 0;
  uint64_t sent = strtoull(digits, NULL, 16);
  if (*text == '`') {
    chats++;
  } else {
    events++;
    if (at > sent) took(at - sent);
  }
  return MARK - 1;
}

static void scan(struct viewer *one, char *text, int size, uint64_t at) {
  if (one->held) {
    int more = MARK - one->held < size ? MARK - one->held : size;
    memcpy(one->hold + one->held, text, more);
    if ((one->held += more) < MARK) return;
    mark(one->hold, at);
    one->held = 0, text += more, size -= more;
  }
  for (char *end = text + size; text < end; text++) {
    if (*text != '^' && *text != '`') continue;
    if (end - text < MARK) {
      memcpy(one->hold, text, one->held = end - text);
      return;
    }
    text += mark(text, at);
  }
}

static int dial(int to, int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | flags, 0), on = 1;
  struct linger at_once = {1, 0};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(to)};
  if (fd < 0) perror("socket"), exit(1);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  if (connect(fd, (void *)&address, sizeof address) < 0 && errno != EINPROGRESS) perror("connect"), exit(1);
  return fd;
}

static void greet(int place) {
  char hello[2048];
  int size = snprintf(hello, sizeof hello,
                      "GET %s HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                      paths ? paths[place] : "/");
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = place};
  epoll_ctl(epoll, EPOLL_CTL_MOD, viewers[place].fd, &event);
  if (send(viewers[place].fd, hello, size, MSG_NOSIGNAL) != size) perror("send"), exit(1);
  viewers[place].state = GREETING;
}

static void hear(int place) {
  struct viewer *one = &viewers[place];
  for (;;) {
    int size = recv(one->fd, buffer, sizeof buffer - 1, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      if (one->state == GREETING) fprintf(stderr, "refused before the upgrade\n"), exit(2);
      close(one->fd);
      one->state = GONE, gone++;
      return;
    }
    if (one->state == GREETING) {
      buffer[size] = 0;
      if (!strstr(buffer, " 101 ")) fprintf(stderr, "refused: %.80s\n", buffer), exit(2);
      one->state = VIEWING, up++;
    } else {
      scan(one, buffer, size, now_ns());
    }
    if (size < (int)sizeof buffer - 1) return;
  }
}

static void serve(int wait_ms) {
  struct epoll_event ready[512];
  int amount = epoll_wait(epoll, ready, 512, wait_ms);
  for (int i = 0; i < amount; i++) {
    int place = ready[i].data.u32;
    if (viewers[place].state == CONNECTING) greet(place);
    else if (viewers[place].state != GONE) hear(place);
  }
}

static void publish(int to, char kind) {
  static unsigned number;
  char line[256];
  int size = snprintf(line, sizeof line, "%c{\"t\":\"price\",\"k\":%u,\"at\":\"%c%016llx\",\"x\":\"%0100u\"}\n", kind, number,
                      kind == 'C' ? '`' : '^', (unsigned long long)now_ns(), number);
  number++;
  if (send(to, line, size, MSG_NOSIGNAL) != size) perror("publish"), exit(1);
}

static void join_all(void) {
  for (int started = 0; up < count;) {
    while (started < count && started - up < JOINS_UNDER_WAY_MAX) {
      viewers[started].fd = dial(port, SOCK_NONBLOCK);
      struct epoll_event event = {.events = EPOLLOUT, .data.u32 = started};
      epoll_ctl(epoll, EPOLL_CTL_ADD, viewers[started++].fd, &event);
    }
    serve(100);
  }
}

static void settle(double for_s) {
  for (uint64_t end = now_ns() + for_s * 1e9; now_ns() < end;) serve(20);
}

static void pace(int to) {
  uint64_t began = now_ns(), sent_events = 0, sent_chats = 0;
  double passed;
  while ((passed = (now_ns() - began) / 1e9) < seconds) {
    for (; sent_events < passed * event_rate; sent_events++) publish(to, 'E');
    for (; sent_chats < passed * chat_rate; sent_chats++) publish(to, 'C');
    serve(1);
  }
  double cpu = server_cpu_s();
  settle(2);
  printf(",\"events_sent\":%lu,\"events_share\":%.4f,\"chats_sent\":%lu,\"chats_share\":%.4f", sent_events,
         sent_events ? (double)events / sent_events / count : 1, sent_chats,
         sent_chats ? (double)chats / sent_chats / count : 1);
  printf(",\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"cpu_end_s\":%.2f", percentile_ms(.5), percentile_ms(.99), cpu);
}

static void read_paths(void) {
  FILE *file = fopen(paths_file, "r");
  char line[1024];
  if (!file) perror(paths_file), exit(1);
  paths = calloc(count, sizeof *paths);
  for (int i = 0; i < count && fgets(line, sizeof line, file); i++) {
    line[strcspn(line, "\n")] = 0;
    paths[i] = strdup(line);
  }
  fclose(file);
}

int main(int words, char **word) {
  struct rlimit files;
  for (int option; (option = getopt(words, word, "p:c:n:t:s:e:m:d:")) > 0;) switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'c': control_port = atoi(optarg); break;
      case 'n': count = atoi(optarg); break;
      case 't': paths_file = optarg; break;
      case 's': server_pid = atoi(optarg); break;
      case 'e': event_rate = atof(optarg); break;
      case 'm': chat_rate = atof(optarg); break;
      case 'd': seconds = atof(optarg); break;
      default: return 1;
    }
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (paths_file) read_paths();
  epoll = epoll_create1(0);
  viewers = calloc(count, sizeof *viewers);
  double kb = server_kb(), cpu = server_cpu_s();
  uint64_t began = now_ns();
  join_all();
  printf("{\"viewers\":%d,\"join_s\":%.3f,\"join_cpu_s\":%.2f", count, (now_ns() - began) / 1e9, server_cpu_s() - cpu);
  int publisher = dial(control_port, 0);
  settle(1.5);
  printf(",\"kb_per_viewer\":%.1f", (server_kb() - kb) / count);
  double before = server_cpu_s();
  pace(publisher);
  printf(",\"cpu_begin_s\":%.2f,\"events\":%lu,\"chats\":%lu,\"gone\":%d,\"seconds\":%.1f}\n", before, events, chats, gone, seconds);
  return 0;
}
