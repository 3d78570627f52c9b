
/*
 * Preloaded into a program, lets its wall clock be wrong: by as many ms as
 * stand in the file that CHAOS_CLOCK names, a number of eight bytes, which may
 * be changed while the program runs.
 */


#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


static int64_t            none;
static volatile int64_t  *offset = &none;


__attribute__((constructor)) static void
clock_open(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("CHAOS_CLOCK");
    if (name == NULL) {
        return;
    }

    fd = open(name, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);

    if (p != MAP_FAILED) {
        offset = p;
    }
}


int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int64_t  ns;

    if (syscall(SYS_clock_gettime, id, ts) == -1) {
        return -1;
    }

    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) {
        ns = ts->tv_nsec + *offset % 1000 * 1000000;
        ts->tv_sec += *offset / 1000 + ns / 1000000000 - (ns < 0);
        ts->tv_nsec = ns % 1000000000 + (ns < 0 ? 1000000000 : 0);
    }

    return 0;
}


int
gettimeofday(struct timeval *tv, void *zone)
{
    struct timespec  ts;

    (void) zone;

    if (clock_gettime(CLOCK_REALTIME, &ts) == -1) {
        return -1;
    }

    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;

    return 0;
}


time_t
time(time_t *t)
{
    struct timespec  ts;

    if (clock_gettime(CLOCK_REALTIME, &ts) == -1) {
        return -1;
    }

    if (t != NULL) {
        *t = ts.tv_sec;
    }

    return ts.tv_sec;
}
