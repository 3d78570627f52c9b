
/*
 * The ledger's file cut short while it is in use: whoever finds it so goes on,
 * and nothing is counted twice, or in a place where nobody would find it.
 */

/* links: src/core/ngx_commerce_ledger*.c src/core/ngx_commerce_hash.c */


#include "ledger_nginx.h"
#include <sys/resource.h>


#define SIZE  (128 * 1024)


static void
keep_new(ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_item_t *item,
    void *data)
{
    if (item->receipt.generation == ledger->header->generation) {
        *(ngx_commerce_ledger_item_t *) data = *item;
    }
}


static void
test_nothing_left(void)
{
    nginx_t                 nginx;
    uint64_t                generation;
    ngx_commerce_ledger_t  *ledger;

    ledger = started(&nginx, SIZE, "commerce:");
    add(ledger, "room", 1, "click:a", 4);
    generation = ledger->header->generation;

    run("truncate -s 0 ledger");
    ok(add(ledger, "room", 1, "click:a", 2) == NGX_OK,
       "a count goes on when the file is cut to nothing");
    ok(strstr(ngx_shim_logged(), "was cut short while in use (0 bytes")
       != NULL, "the log says so");
    is(size_of(path), SIZE, "the file is whole again");
    is(sum_of(ledger), 2, "it holds what was counted since");
    ok(ledger->header->generation != generation
       && ngx_commerce_ledger_map_sealed(ledger), "by names never used before");

    run("truncate -s 0 ledger && truncate -s 131072 ledger");
    ok(add(ledger, "room", 1, "click:a", 2) == NGX_OK, "made whole by others");
    is(sum_of(ledger), 2, "it is known to have been cut");
    ok(strstr(ngx_shim_logged(), "was written over") != NULL, "and told");

    run("truncate -s 0 ledger");
    ngx_commerce_ledger_tick(ledger);
    is(size_of(path), SIZE, "without any count it is made whole, too");

    run("truncate -s 0 ledger");
    is(visit(ledger, 1, 0, acknowledge, NULL), 0, "a flush finds nothing");
    ok(add(ledger, "room", 1, "click:a", 1) == NGX_OK
       && visit(ledger, 1, 0, acknowledge, NULL) == 1, "and then what there is");

    stop(&nginx);
}


static void
test_something_left(void)
{
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    run("rm ledger");
    ledger = started(&nginx, SIZE, "commerce:");
    add(ledger, "room", 1, "click:a", 4);
    add(ledger, "room", 1, "click:b", 4);

    /* the header and one cell */
    run("truncate -s 4352 ledger");
    ok(add(ledger, "room", 1, "click:a", 1) == NGX_OK, "a count goes on");
    is(sum_of(ledger), 5, "what was left is kept");
    is(visit(ledger, 1, 0, NULL, NULL), 2, "it will be sent");

    /* the key of the first cell in halves */
    run("truncate -s 4156 ledger");
    ngx_commerce_ledger_tick(ledger);
    is(visit(ledger, 0, 1, NULL, NULL), 0, "half a cell is none");

    /* the label alone */
    add(ledger, "room", 1, "click:a", 1);
    run("truncate -s 1024 ledger");
    ok(add(ledger, "room", 1, "click:a", 1) == NGX_OK
       && sum_of(ledger) == 1, "a label alone makes no ledger");

    /* the marks and buckets alone, of a cell in use */
    add(ledger, "room", 1, "click:a", 3);
    run("truncate -s 100000 ledger");
    ok(add(ledger, "room", 1, "click:a", 1) == NGX_OK
       && sum_of(ledger) == 5, "cells without an index are found again");

    stop(&nginx);
}


/* an older copy is written over it */

static void
test_reverted(void)
{
    nginx_t                      one, two;
    uint64_t                     generation, epoch;
    ngx_commerce_ledger_t       *a, *b;
    ngx_commerce_ledger_item_t   item;

    run("rm ledger");
    a = started(&one, SIZE, "commerce:");
    b = started(&two, SIZE, "commerce:");
    ngx_commerce_ledger_tick(a);
    ngx_commerce_ledger_tick(b);
    add(a, "room", 1, "click:a", 4);
    run("cp ledger older");
    add(a, "room", 1, "click:a", 3);
    visit(a, 0, 0, acknowledge, NULL);
    ngx_commerce_ledger_tick(a);
    ngx_commerce_ledger_tick(b);
    generation = a->header->generation;

    run("dd if=older of=ledger bs=64k conv=notrunc 2>/dev/null");
    ngx_commerce_ledger_tick(b);
    ok(a->header->generation != generation
       && strstr(ngx_shim_logged(), "was written over") != NULL,
       "an older copy is noticed, and told");

    generation = a->header->generation;
    ngx_commerce_ledger_tick(a);
    ngx_commerce_ledger_tick(b);
    is(a->header->generation, generation, "once, whoever else there is");

    add(a, "room", 1, "click:a", 1);
    is(visit(a, 0, 0, NULL, NULL), 2, "counts go on in a cell of their own");

    run("dd if=older of=ledger bs=64k conv=notrunc 2>/dev/null");
    ok(add(b, "room", 1, "click:b", 1) == NGX_OK
       && visit(a, 0, 0, NULL, NULL) == 2, "who needs a cell notices it, too");
    ok(ngx_commerce_ledger_map_sealed(a), "and makes it good");

    /* what only Redis knows */

    visit(b, 0, 0, keep_new, &item);
    generation = a->header->generation;
    epoch = item.receipt.epoch;
    ngx_commerce_ledger_behind(b, &item.receipt, epoch, 1);
    is(a->header->generation, generation, "what has all that Redis has is new");
    item.receipt.life += 2;
    ngx_commerce_ledger_behind(b, &item.receipt, epoch, 2);
    is(a->header->generation, generation, "another life says nothing");
    item.receipt.life -= 2;
    ngx_commerce_ledger_behind(b, &item.receipt, epoch, 2);
    ok(a->header->generation != generation
       && strstr(ngx_shim_logged(), "holds less than Redis") != NULL,
       "what has less is older, and told");
    generation = a->header->generation;
    ngx_commerce_ledger_behind(b, &item.receipt, epoch, 2);
    is(a->header->generation, generation, "once");

    add(b, "room", 1, "click:b", 5);
    visit(b, 0, 0, keep_new, &item);
    ngx_commerce_ledger_behind(b, &item.receipt, item.receipt.epoch + 1, 0);
    ok(a->header->generation != generation, "so is what has an earlier life");

    run("rm older");
    stop(&two);
    stop(&one);
}


static void
test_unused(void)
{
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    run("truncate -s 5000 ledger");
    ledger = started(&nginx, SIZE, "commerce:");
    is(size_of(path), SIZE, "the next start makes it whole");
    ok(strstr(ngx_shim_logged(), "while not in use (5000 bytes") != NULL,
       "and says so");
    ok(add(ledger, "room", 1, "click:a", 2) == NGX_OK, "it counts on");
    stop(&nginx);
}


static void
test_two(void)
{
    nginx_t                 one, two;
    ngx_commerce_ledger_t  *a, *b;

    run("rm ledger");
    a = started(&one, SIZE, "commerce:");
    b = started(&two, SIZE, "commerce:");

    add(a, "room", 1, "click:a", 4);
    run("truncate -s 0 ledger");

    ok(add(a, "room", 1, "click:a", 1) == NGX_OK
       && add(b, "room", 1, "click:a", 1) == NGX_OK, "two count on");
    is(sum_of(a), 2, "in one cell");
    is(sum_of(b), 2, "that both see");

    /* memory of its own is laid over the file for one alone */
    run("truncate -s 0 ledger");
    (void) ngx_commerce_ledger_marked(a);
    ok(a->lost && !b->lost, "one has lost the file");
    ok(add(b, "room", 1, "click:a", 3) == NGX_OK, "the other makes it whole");
    ok(add(a, "room", 1, "click:a", 1) == NGX_OK && !a->lost,
       "the one finds it again");
    is(sum_of(b), 4, "with all that was counted");

    stop(&two);
    stop(&one);
}


/* a limit of this process's files stands for a full disk */

static void
test_no_space(void)
{
    time_t                  failed;
    nginx_t                 nginx;
    ngx_uint_t              used, cells;
    struct rlimit           limit, none;
    ngx_commerce_ledger_t  *ledger;

    ledger = started(&nginx, SIZE, "commerce:");

    getrlimit(RLIMIT_FSIZE, &none);
    limit = none;
    limit.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);

    run("truncate -s 0 ledger");
    setrlimit(RLIMIT_FSIZE, &limit);

    ok(add(ledger, "room", 1, "click:a", 1) == NGX_ERROR, "counts are refused");
    ok(strstr(ngx_shim_logged(), "counts are refused") != NULL, "the log says");
    ngx_commerce_ledger_usage(ledger, &used, &cells);
    is(used + cells, 0, "nothing of it is of use");

    ngx_log_error(NGX_LOG_INFO, &ngx_shim_log, 0, "nothing new");
    failed = ledger->failed;

    while (ledger->failed == failed) {
        ok(add(ledger, "room", 1, "click:a", 1) == NGX_ERROR
           && strcmp(ngx_shim_logged(), "nothing new") == 0,
           "so it goes on, without a word");
        usleep(300000);
    }

    setrlimit(RLIMIT_FSIZE, &none);
    failed = ledger->failed;

    while (add(ledger, "room", 1, "click:a", 1) != NGX_OK
           && ledger->failed == failed)
    {
        usleep(100000);
    }

    is(sum_of(ledger), 1, "with space again it counts");
    ngx_commerce_ledger_usage(ledger, &used, &cells);
    ok(used == 1 && cells > 0, "as if nothing had been");

    stop(&nginx);
}


/* 1 if a process that does that is ended by the signal */

static ngx_uint_t
dies(void (*act)(void))
{
    int    status;
    pid_t  pid;

    pid = fork();

    if (pid == 0) {
        act();
        _exit(0);
    }

    waitpid(pid, &status, 0);

    return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}


static void
touch_another_file(void)
{
    int    fd;
    char  *p;

    run("truncate -s 4096 another");
    snprintf(path + strlen(dir), sizeof(path) - strlen(dir), "/another");
    fd = open(path, O_RDWR);
    p = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    if (p != MAP_FAILED && ftruncate(fd, 0) == 0) {
        *(volatile char *) p = 1;
    }
}


static void
send_the_signal(void)
{
    kill(getpid(), SIGBUS);
}


static void
test_other_faults(void)
{
    nginx_t           nginx;
    struct sigaction  sa;

    (void) started(&nginx, SIZE, "commerce:");

    ok(dies(touch_another_file), "a fault elsewhere ends a process");
    ok(dies(send_the_signal), "so does the signal by itself");

    stop(&nginx);

    sigaction(SIGBUS, NULL, &sa);
    ok(sa.sa_handler == SIG_DFL, "no handler is left behind");
}


int
main(void)
{
    make_dir();

    test_nothing_left();
    test_something_left();
    test_unused();
    test_two();
    test_reverted();
    test_no_space();
    test_other_faults();

    remove_dir();

    return tap_done();
}
