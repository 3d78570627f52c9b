
/*
 * Many processes on one small ledger, killed at any moment: whatever dies,
 * each field's count in Redis is at least what was answered and at most what
 * was asked for.  Cells are idle at once here, so that they change hands all
 * the time.
 */

/* links: src/core/ngx_commerce_ledger_*.c */


#include "ledger_test.h"
#include <time.h>


#define FIELDS    700             /* more than there are cells */
#define ADDERS    3
#define ROUNDS    40
#define ROUND     20              /* ms between two kills */


/* what lies in memory that all processes share */

typedef struct {
    uint64_t    asked[FIELDS];
    uint64_t    answered[FIELDS];
    uint64_t    refused;
    uint64_t    adopted;          /* cells in a later life than the first */

    /* Redis: one hash of sums and of what each cell has sent */
    uint64_t    counted[FIELDS];
    uint64_t    generation[300];
    uint32_t    life[300];
    uint64_t    sent[300];

    uint32_t    window;
    uint32_t    stop;
} shared_t;


static ngx_log_t               test_log;
static ngx_commerce_ledger_t   ledger;
static shared_t               *shared;
static char                    path[] = "/tmp/ledger-crash-XXXXXX";


static void
add_until_killed(unsigned seed)
{
    char        field[16];
    unsigned    f, moved;
    ngx_int_t   rc;

    moved = 0;

    while (!ngx_commerce_ledger_load(&shared->stop)) {
        /* a window that moves on, so that there are others to be idle */
        f = (unsigned) rand_r(&seed);
        moved += f % 16 == 0;
        f = (f % 50 + moved + __atomic_load_n(&shared->window,
                                              __ATOMIC_SEQ_CST))
            % FIELDS;

        if (moved == 50) {
            __atomic_fetch_add(&shared->window, moved, __ATOMIC_SEQ_CST);
            moved = 0;
        }

        sprintf(field, "click:%u", f);

        __atomic_fetch_add(&shared->asked[f], 1, __ATOMIC_SEQ_CST);

        rc = add(&ledger, "room", 1, field, 1);

        if (rc == NGX_OK) {
            __atomic_fetch_add(&shared->answered[f], 1, __ATOMIC_SEQ_CST);

        } else {
            __atomic_fetch_add(&shared->refused, 1, __ATOMIC_SEQ_CST);
            ledger.header->full = 0;
        }
    }
}


/* as flush.lua: merges by maximum; never killed half-way, as Redis's scripts */

static void
send_item(ngx_commerce_ledger_t *l, ngx_commerce_ledger_item_t *item,
    void *data)
{
    unsigned                        f;
    uint64_t                        d;
    sigset_t                        all, old;
    ngx_commerce_ledger_receipt_t  *r;

    r = &item->receipt;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);

    f = (unsigned) ngx_atoi(item->key + sizeof("roomclick:") - 1,
                            item->field_len - (sizeof("click:") - 1));

    if (shared->life[r->cell] != r->life
        || shared->generation[r->cell] != r->generation)
    {
        shared->adopted += shared->life[r->cell] != 0;
        shared->life[r->cell] = r->life;
        shared->generation[r->cell] = r->generation;
        shared->sent[r->cell] = 0;
    }

    if (r->total > shared->sent[r->cell]) {
        d = r->total - shared->sent[r->cell];
        shared->counted[f] += d;
        shared->sent[r->cell] = r->total;
    }

    sigprocmask(SIG_SETMASK, &old, NULL);

    if (data != NULL && rand() % 8 == 0) {
        /* the answer is lost */
        ngx_commerce_ledger_mark(l, r->bucket);
        return;
    }

    ngx_commerce_ledger_acknowledge(l, r);
    ngx_commerce_ledger_store(&l->cell[r->cell].changed, 1);
}


static void
flush_until_stopped(void)
{
    int  lose;

    while (!ngx_commerce_ledger_load(&shared->stop)) {
        visit(&ledger, 1, 0, send_item, &lose);
    }
}


static pid_t
spawn(unsigned seed)
{
    pid_t  pid;

    pid = fork();

    if (pid == 0) {
        srand(seed);

        if (seed == 0) {
            flush_until_stopped();

        } else {
            add_until_killed(seed);
        }

        _exit(0);
    }

    return pid;
}


static void
make_ledger(void)
{
    void    *p;
    size_t   size;

    size = 64 * 1024;

    memset(&ledger, 0, sizeof(ngx_commerce_ledger_t));
    ledger.fd = mkstemp(path);
    ledger.log = &test_log;
    ledger.path = TEXT(path);

    shared = mmap(NULL, sizeof(shared_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED
        || ledger.fd == -1
        || posix_fallocate(ledger.fd, 0, size) != 0)
    {
        abort();
    }

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED, ledger.fd, 0);
    if (p == MAP_FAILED) {
        abort();
    }

    ngx_commerce_ledger_attach(&ledger, p, size);

    if (ngx_commerce_ledger_renew(&ledger) != NGX_OK) {
        abort();
    }
}


int
main(void)
{
    pid_t            pids[ADDERS], flusher;
    unsigned         i, n, seed, rebuilt, wrong;
    uint64_t         asked, answered, counted;
    struct timespec  pause;

    make_ledger();

    seed = 1;
    rebuilt = 0;
    flusher = spawn(0);

    for (i = 0; i < ADDERS; i++) {
        pids[i] = spawn(seed++);
    }

    pause.tv_sec = 0;
    pause.tv_nsec = ROUND * 1000000;

    for (n = 0; n < ROUNDS; n++) {
        nanosleep(&pause, NULL);

        i = n % ADDERS;
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);

        rebuilt += ngx_commerce_ledger_load(&ledger.header->building);
        pids[i] = spawn(seed++);
    }

    shared->stop = 1;

    for (i = 0; i < ADDERS; i++) {
        waitpid(pids[i], NULL, 0);
    }

    waitpid(flusher, NULL, 0);

    /* what a new holder of the lease does */
    visit(&ledger, 0, 0, send_item, NULL);

    asked = answered = counted = 0;
    wrong = 0;

    for (i = 0; i < FIELDS; i++) {
        asked += shared->asked[i];
        answered += shared->answered[i];
        counted += shared->counted[i];

        wrong += shared->counted[i] < shared->answered[i]
                 || shared->counted[i] > shared->asked[i];
    }

    printf("# asked %llu, counted %llu, answered %llu, refused %llu; "
           "%llu cells changed hands, %u kills, %u inside the lock\n",
           (unsigned long long) asked, (unsigned long long) counted,
           (unsigned long long) answered,
           (unsigned long long) shared->refused,
           (unsigned long long) shared->adopted, ROUNDS, rebuilt);

    ok(answered > 1000, "counts were answered");
    ok(shared->adopted > 100, "cells changed hands");
    ok(wrong == 0, "answered <= counted <= asked, for every field");
    ok(asked - shared->refused - answered <= ROUNDS,
       "a kill takes one answer at most");
    ok(ngx_commerce_ledger_check(&ledger) == NGX_OK
       && visit(&ledger, 0, 0, NULL, NULL) == 0, "all was sent");

    unlink(path);

    return tap_done();
}
