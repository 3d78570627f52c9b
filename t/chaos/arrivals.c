/*
 * What requests are answered, by each worker of several nodes, as it changes:
 *
 *   arrivals WORKERS RATE PORT...
 *
 * Each port is a node's, of that many workers, who say who they are as
 * X-Worker.  RATE requests a second are sent in all, each worker's over a
 * connection of its own, for the path that stands in the last line of standard
 * input.  A line is written whenever a worker answers otherwise than before, or
 * for a path that it had not answered before:
 *
 *   TIME PORT PID PATH STATUS
 *
 * with the time when the answer was there, in microseconds since the epoch, and
 * the number of the path's line.  At the end of the input:
 *
 *   sent REQUESTS MICROSECONDS LATE
 *
 * LATE is for how many microseconds, at most, this program did not run.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST      64             /* connections */
#define ATTEMPTS  1000           /* to reach all workers of a port */
#define TEXT      16384


typedef struct {
    int     fd;
    int     port;
    long    pid;
    int     asked;               /* number of the path; 0: nothing is */
    int     path;                /* that was answered last */
    int     status;
    size_t  len;
    char    text[TEXT];
} connection_t;


static connection_t  connections[MOST];
static int           nconnections;
static char          path[TEXT / 2] = "/";
static int           npath;


static void
fail(const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);

    fputc('\n', stderr);
    exit(1);
}


static int64_t
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}


static void
ask(connection_t *c)
{
    int   n;
    char  request[TEXT];

    n = snprintf(request, sizeof(request),
                 "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);

    if (write(c->fd, request, n) != n) {
        fail("port %d: a request can't be sent: %s", c->port, strerror(errno));
    }

    c->asked = npath + 1;
    c->len = 0;
}


/* 1 if the whole answer is there: its status and worker are set */

static int
answered(connection_t *c)
{
    char     *end, *field;
    ssize_t   n;

    n = read(c->fd, c->text + c->len, sizeof(c->text) - 1 - c->len);

    if (n <= 0) {
        fail("port %d: no answer: %s", c->port,
             n ? strerror(errno) : "closed");
    }

    c->len += n;
    c->text[c->len] = '\0';

    end = strstr(c->text, "\r\n\r\n");

    if (end == NULL) {
        return 0;
    }

    field = strcasestr(c->text, "\r\nContent-Length: ");

    if (field == NULL || field > end) {
        fail("port %d: an answer without a length: %s", c->port, c->text);
    }

    if (c->len < (size_t) (end + 4 - c->text) + atol(field + 18)) {
        return 0;
    }

    field = strcasestr(c->text, "\r\nX-Worker: ");

    if (field == NULL || field > end) {
        fail("port %d: an answer of nobody: %s", c->port, c->text);
    }

    c->pid = atol(field + 12);
    c->status = atoi(c->text + 9);

    return 1;
}


static void
open_one(int port)
{
    int                  i, one;
    connection_t        *c;
    struct sockaddr_in   address;

    c = &connections[nconnections];
    memset(c, 0, sizeof(connection_t));

    c->port = port;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (connect(c->fd, (struct sockaddr *) &address, sizeof(address)) != 0) {
        fail("port %d: %s", port, strerror(errno));
    }

    one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    ask(c);

    while (!answered(c)) { /* void */ }

    c->asked = 0;

    for (i = 0; i < nconnections; i++) {
        if (connections[i].port == port && connections[i].pid == c->pid) {
            close(c->fd);
            return;
        }
    }

    nconnections++;
}


static void
open_all(int port, int workers)
{
    int  i, first;

    first = nconnections;

    for (i = 0; nconnections - first < workers; i++) {

        if (i == ATTEMPTS || nconnections == MOST) {
            fail("port %d: %d of %d workers answered", port,
                 nconnections - first, workers);
        }

        open_one(port);
    }
}


static void
tell(connection_t *c, int status)
{
    if (c->status != status || c->path != c->asked) {
        printf("%lld %d %ld %d %d\n", (long long) now(), c->port, c->pid,
               c->asked - 1, c->status);
        fflush(stdout);
    }

    c->path = c->asked;
    c->asked = 0;
}


/* 0: at the end of the input */

static int
read_path(void)
{
    ssize_t        n;
    char          *line, *end;
    static char    text[TEXT];
    static size_t  len;

    n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);

    if (n <= 0) {
        return 0;
    }

    len += n;
    text[len] = '\0';

    for (line = text; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        snprintf(path, sizeof(path), "%s", line);
        npath++;
    }

    len = strlen(line);
    memmove(text, line, len);

    return 1;
}


int
main(int argc, char **argv)
{
    int               i, status, next;
    int64_t           begin, due, before, late, pause, t;
    long long         sent;
    struct pollfd     fds[MOST + 1];
    struct timespec   ts;

    if (argc < 4 || atoi(argv[2]) <= 0) {
        fail("usage: arrivals WORKERS RATE PORT...");
    }

    for (i = 3; i < argc; i++) {
        open_all(atoi(argv[i]), atoi(argv[1]));
    }

    for (i = 0; i < nconnections; i++) {
        fds[i].fd = connections[i].fd;
        fds[i].events = POLLIN;
        connections[i].path = -1;
    }

    fds[i].fd = STDIN_FILENO;
    fds[i].events = POLLIN;

    pause = 1000000 / atoi(argv[2]);
    begin = before = due = now();
    late = 0;
    sent = 0;
    next = 0;

    for ( ;; ) {
        t = now();

        if (t - before > late) {
            late = t - before;
        }

        before = t;

        /* whoever has not answered yet is left out this time */

        while (due <= t) {
            if (connections[next].asked == 0) {
                ask(&connections[next]);
                sent++;
            }

            next = (next + 1) % nconnections;
            due += pause;
        }

        ts.tv_sec = 0;
        ts.tv_nsec = (due - t) * 1000;

        if (ppoll(fds, nconnections + 1, &ts, NULL) <= 0) {
            continue;
        }

        for (i = 0; i < nconnections; i++) {
            if (fds[i].revents) {
                status = connections[i].status;

                if (answered(&connections[i])) {
                    tell(&connections[i], status);
                }
            }
        }

        if (fds[nconnections].revents && !read_path()) {
            break;
        }
    }

    printf("sent %lld %lld %lld\n", sent, (long long) (now() - begin),
           (long long) late);

    return 0;
}
