
/*
 * Many processes on one small ledger, killed at any moment: whatever dies,
 * each field's count in Redis is at least what was answered and at most what
 * was asked for.  Then its file is cut short at any moment: nobody dies of it,
 * what was cut off is lost, but nothing is counted twice.  Cells are idle at
 * once here, so that they change hands all the time.
 */

/* links: src/core/ngx_commerce_ledger*.c src/core/ngx_commerce_hash.c */


#include "ledger_test.h"
#include <time.h>


#define FIELDS    700             /* more than there are cells */
#define ADDERS    3
#define ROUNDS    40
#define ROUND     20              /* ms between two kills */
#define CUTS      100
#define CUT       4               /* ms between two cuts */
#define SIZE      (64 * 1024)


/* what Redis has of a field and generation; a generation comes with a cut */

typedef struct {
    uint64_t    generation;
    uint64_t    epoch;
    uint64_t    total;
} life_t;


/* what lies in memory that all processes share */

typedef struct {
    uint64_t    asked[FIELDS];
    uint64_t    answered[FIELDS];
    uint64_t    refused;
    uint64_t    adopted;          /* fields in a later life than the first */

    /* Redis: one hash of sums and of what each ledger has sent */
    uint64_t    counted[FIELDS];
    life_t      lives[FIELDS][CUTS + 2];

    uint32_t    window;
    uint32_t    stop;
} shared_t;


static ngx_log_t               test_log;
static ngx_commerce_ledger_t   ledger;
static shared_t               *shared;
static char                    path[] = "/tmp/ledger-crash-XXXXXX";
static pid_t                   adders[ADDERS], flusher;
static unsigned                seed = 1;


static void
add_until_killed(unsigned number)
{
    char        field[16];
    unsigned    f, moved;
    ngx_int_t   rc;

    moved = 0;

    while (!ngx_commerce_ledger_load(&shared->stop)) {
        /* a window that moves on, so that there are others to be idle */
        f = (unsigned) rand_r(&number);
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
    life_t                         *life;
    sigset_t                        all, old;
    ngx_commerce_ledger_receipt_t  *r;

    r = &item->receipt;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);

    f = (unsigned) ngx_atoi(item->key + sizeof("roomclick:") - 1,
                            item->field_len - (sizeof("click:") - 1));

    if (f >= FIELDS) {
        abort();
    }

    life = shared->lives[f];

    while (life->generation != r->generation && life->generation != 0) {
        life++;
    }

    life->generation = r->generation;

    if (life->epoch < r->epoch) {
        shared->adopted += life->epoch != 0;
        life->epoch = r->epoch;
        life->total = 0;
    }

    if (life->epoch == r->epoch && r->total > life->total) {
        shared->counted[f] += r->total - life->total;
        life->total = r->total;
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
spawn(unsigned number)
{
    pid_t  pid;

    pid = fork();

    if (pid == 0) {
        srand(number);

        if (number == 0) {
            flush_until_stopped();

        } else {
            add_until_killed(number);
        }

        _exit(0);
    }

    return pid;
}


static void
make_ledger(void)
{
    memset(&ledger, 0, sizeof(ngx_commerce_ledger_t));
    ledger.fd = mkstemp(path);
    ledger.log = &test_log;
    ledger.path = TEXT(path);
    ngx_commerce_ledger_map_shape(&ledger.label, SIZE);

    shared = mmap(NULL, sizeof(shared_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED
        || ledger.fd == -1
        || ngx_commerce_ledger_map_allocate(&ledger, SIZE) != 0
        || ngx_commerce_ledger_map(&ledger, &ledger.label) != NGX_OK
        || ngx_commerce_ledger_space_renew(&ledger) != NGX_OK)
    {
        abort();
    }

    memcpy(ledger.label.magic, NGX_COMMERCE_LEDGER_MAGIC,
           sizeof(ledger.label.magic));
    ledger.header->label = ledger.label;
}


static void
start_all(void)
{
    unsigned  i;

    shared->stop = 0;
    flusher = spawn(0);

    for (i = 0; i < ADDERS; i++) {
        adders[i] = spawn(seed++);
    }
}


/* returns how many had died; what is left is sent, as by the next to flush */

static unsigned
stop_all(void)
{
    int       status;
    unsigned  i, died;

    shared->stop = 1;
    died = 0;

    for (i = 0; i < ADDERS; i++) {
        waitpid(adders[i], &status, 0);
        died += !WIFEXITED(status);
    }

    waitpid(flusher, &status, 0);
    died += !WIFEXITED(status);

    if (ngx_commerce_ledger_lock_check(&ledger) != NGX_OK) {
        abort();
    }

    visit(&ledger, 0, 0, send_item, NULL);

    return died;
}


static void
pass(long ms)
{
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = ms * 1000000;

    nanosleep(&pause, NULL);
}


static uint64_t
sum_up(uint64_t *fields)
{
    unsigned  i;
    uint64_t  sum;

    sum = 0;

    for (i = 0; i < FIELDS; i++) {
        sum += fields[i];
    }

    return sum;
}


static void
tell(const char *what)
{
    printf("# %s: asked %llu, counted %llu, answered %llu, refused %llu; "
           "%llu lives after the first\n", what,
           (unsigned long long) sum_up(shared->asked),
           (unsigned long long) sum_up(shared->counted),
           (unsigned long long) sum_up(shared->answered),
           (unsigned long long) shared->refused,
           (unsigned long long) shared->adopted);
}


static void
test_kills(void)
{
    unsigned  i, n, rebuilt, wrong;
    uint64_t  answered;

    rebuilt = 0;
    start_all();

    for (n = 0; n < ROUNDS; n++) {
        pass(ROUND);

        i = n % ADDERS;
        kill(adders[i], SIGKILL);
        waitpid(adders[i], NULL, 0);

        rebuilt += ngx_commerce_ledger_load(&ledger.header->building);
        adders[i] = spawn(seed++);
    }

    is(stop_all(), 0, "nobody dies but who is killed");
    tell("kills");
    printf("# %u kills, %u inside the lock\n", ROUNDS, rebuilt);

    for (i = 0, wrong = 0; i < FIELDS; i++) {
        wrong += shared->counted[i] < shared->answered[i]
                 || shared->counted[i] > shared->asked[i];
    }

    answered = sum_up(shared->answered);

    ok(answered > 1000, "counts were answered");
    ok(shared->adopted > 100, "fields had other lives");
    ok(wrong == 0, "answered <= counted <= asked, for every field");
    ok(sum_up(shared->asked) - shared->refused - answered <= ROUNDS,
       "a kill takes one answer at most");
    ok(visit(&ledger, 0, 0, NULL, NULL) == 0, "all was sent");
}


static void
test_cuts(void)
{
    unsigned  i, n, wrong;
    uint64_t  counted, answered;

    start_all();

    for (n = 0; n < CUTS; n++) {
        pass(CUT);

        if (truncate(path, rand() % SIZE) == -1) {
            abort();
        }
    }

    is(stop_all(), 0, "nobody dies of a file that is cut short");
    tell("cuts");

    for (i = 0, wrong = 0; i < FIELDS; i++) {
        wrong += shared->counted[i] > shared->asked[i];
    }

    ok(wrong == 0, "counted <= asked, for every field");

    counted = sum_up(shared->counted);
    answered = sum_up(shared->answered);

    start_all();
    pass(ROUND * 5);

    is(stop_all(), 0, "when it is left alone");
    tell("after them");

    counted = sum_up(shared->counted) - counted;
    answered = sum_up(shared->answered) - answered;

    is(counted, answered, "what is answered is counted, no more and no less");
    ok(answered > 100, "and answered it is");
}


int
main(void)
{
    make_ledger();

    test_kills();
    test_cuts();

    unlink(path);

    return tap_done();
}
