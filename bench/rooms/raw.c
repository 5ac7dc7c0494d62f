// The ceiling: an epoll server that writes one ready-made WebSocket frame with one send() to each viewer.
// Lines on the control port are what is sent; the first letter of a line is left out.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 65536
static const char welcome[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static int viewers[FDS_MAX], place_of[FDS_MAX], count, epoll;
static char in[1 << 16], line[1 << 12];
static int held;

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) perror("bind"), exit(1);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  return fd;
}

static void broadcast(const char *text, int size) {
  char frame[1 << 12];
  int head = 2;
  frame[0] = (char)0x81;
  if (size < 126) {
    frame[1] = size;
  } else {
    frame[1] = 126, frame[2] = size >> 8, frame[3] = size;
    head = 4;
  }
  memcpy(frame + head, text, size);
  for (int i = 0; i < count; i++) send(viewers[i], frame, head + size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void control(int fd) {
  int size = recv(fd, in, sizeof in, 0);
  if (size <= 0) {
    if (size == 0) close(fd);
    return;
  }
  for (int i = 0; i < size; i++) {
    if (in[i] == '\n') {
      broadcast(line + 1, held - 1);
      held = 0;
    } else if (held < (int)sizeof line - 8) {
      line[held++] = in[i];
    }
  }
}

static void viewer(int fd) {
  int size = recv(fd, in, sizeof in, 0);
  if (size <= 0) {
    if (size < 0 && errno == EAGAIN) return;
    if (place_of[fd] >= 0) {
      viewers[place_of[fd]] = viewers[--count];
      place_of[viewers[count]] = place_of[fd];
    }
    close(fd);
  } else if (place_of[fd] < 0) {
    viewers[place_of[fd] = count++] = fd;
    send(fd, welcome, sizeof welcome - 1, MSG_NOSIGNAL);
  }
}

int main(int words, char **word) {
  if (words != 3) return 1;
  epoll = epoll_create1(0);
  int main_fd = listen_on(atoi(word[1])), control_fd = listen_on(atoi(word[2])), publisher = -1, on = 1;
  struct epoll_event ready[512];
  for (;;) {
    int amount = epoll_wait(epoll, ready, 512, -1);
    for (int i = 0; i < amount; i++) {
      int fd = ready[i].data.fd, made;
      if (fd != main_fd && fd != control_fd) {
        if (fd == publisher) control(fd);
        else viewer(fd);
        continue;
      }
      while ((made = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0 && made < FDS_MAX) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = made};
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        place_of[made] = -1;
        if (fd == control_fd) publisher = made;
        epoll_ctl(epoll, EPOLL_CTL_ADD, made, &event);
      }
    }
  }
}
