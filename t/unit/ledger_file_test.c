
/*
 * The ledger's file: made, taken over, older, resized, damaged, foreign,
 * shared.
 */

/* links: src/core/ngx_commerce_ledger*.c src/core/ngx_commerce_hash.c */


#include "ledger_nginx.h"


static void
test_restart(void)
{
    nginx_t                 nginx, reload;
    uint64_t                generation;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = started(&nginx, 128 * 1024, "commerce:");
    ok(ledger != NULL, "a ledger is made");
    is(size_of(path), 128 * 1024, "of the size wanted");

    stat(path, &st);
    is(st.st_mode & 07777, 0600, "for its owner alone");
    ok((off_t) st.st_blocks * 512 >= 128 * 1024, "allocated whole");

    add(ledger, "room", 1, "click:a", 3);

    ok(start(&reload, 128 * 1024, "commerce:") == NGX_OK, "a reload joins it");
    add(reload.tenant.ledger, "room", 1, "click:a", 2);
    is(sum_of(ledger), 5, "both count in the same cell");
    stop(&nginx);

    ledger = started(&nginx, 256 * 1024, "commerce:");
    ok(ledger != NULL && size_of(path) == 128 * 1024,
       "in use, it keeps its size");
    generation = ledger->header->generation;
    stop(&reload);
    stop(&nginx);

    ledger = started(&nginx, 128 * 1024, "commerce:");
    is(sum_of(ledger), 5, "totals outlive all processes");
    ok(ledger->header->generation != generation,
       "and counts begin anew, whatever file it was");

    add(ledger, "room", 1, "click:a", 1);
    is(visit(ledger, 0, 0, NULL, NULL), 2, "in a cell of their own");
    is(sum_of(ledger), 6, "and add up");
    stop(&nginx);
}


static void
test_resize(void)
{
    nginx_t                 nginx;
    ngx_uint_t              i, used, cells, more;
    ngx_commerce_ledger_t  *ledger;

    run("rm ledger");
    ledger = started(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    ngx_commerce_ledger_usage(ledger, &used, &cells);
    stop(&nginx);

    ledger = started(&nginx, 1024 * 1024, "commerce:");
    is(size_of(path), 1024 * 1024, "unused, it grows");
    ngx_commerce_ledger_usage(ledger, &used, &more);
    ok(more > 7 * cells, "and has more cells");
    is(sum_of(ledger), 5, "and all its counts");

    add(ledger, "room", 1, "click:a", 1);
    is(sum_of(ledger), 6, "that count on");

    for (i = 0; i < more; i++) {
        char  field[16];

        sprintf(field, "f:%u", (unsigned) i);

        if (add(ledger, "other", 1, field, 1) != NGX_OK) {
            break;
        }
    }

    is(i, more - 2, "every cell serves");
    stop(&nginx);

    ledger = started(&nginx, 64 * 1024, "commerce:");
    is(size_of(path), 1024 * 1024, "too full, it does not shrink");
    is(sum_of(ledger), 6 + more - 2, "and loses nothing");
    stop(&nginx);

    run("rm ledger");
    ledger = started(&nginx, 1024 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    stop(&nginx);

    ledger = started(&nginx, 128 * 1024, "commerce:");
    is(size_of(path), 128 * 1024, "with room enough it shrinks");
    is(sum_of(ledger), 5, "and keeps its counts");
    stop(&nginx);
}


/* an older file in the place of a newer one, by a copy or a power failure */

static void
test_older(void)
{
    nginx_t                 nginx;
    uint64_t                generation;
    ngx_commerce_ledger_t  *ledger;

    run("rm ledger");
    ledger = started(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    generation = ledger->header->generation;
    run("cp ledger older && dd if=ledger of=header bs=4096 count=1 2>/dev/null");
    add(ledger, "room", 1, "click:b", 3);
    stop(&nginx);

    run("cat older > ledger");
    ledger = started(&nginx, 128 * 1024, "commerce:");
    is(sum_of(ledger), 5, "an older file: what it holds is sent");
    add(ledger, "room", 1, "click:a", 1);
    add(ledger, "room", 1, "click:b", 1);
    is(visit(ledger, 0, 0, NULL, NULL), 3, "and counted no further");
    ok(ledger->header->generation != generation,
       "by names that were never used");
    add(ledger, "room", 1, "click:c", 1);
    stop(&nginx);

    run("dd if=header of=ledger conv=notrunc 2>/dev/null");
    ledger = started(&nginx, 128 * 1024, "commerce:");
    is(sum_of(ledger), 8, "a header older than the cells hides none of them");
    add(ledger, "room", 1, "click:d", 1);
    is(sum_of(ledger), 9, "and gives none of them away");
    stop(&nginx);

    run("rm older header");
}


static void
test_damage(void)
{
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    run("printf XXXX | dd of=ledger conv=notrunc bs=1 seek=20 2>/dev/null");

    ledger = started(&nginx, 128 * 1024, "commerce:");
    ok(ledger != NULL, "with a damaged label a new ledger is made");
    is(files("ledger.damaged-"), 1, "the damaged one is moved aside");
    is(sum_of(ledger), 0, "the new one is empty");
    add(ledger, "room", 1, "click:a", 1);
    stop(&nginx);

    ledger = started(&nginx, 128 * 1024, "other:");
    ok(ledger != NULL, "so it is for another namespace");
    is(files("ledger.foreign-"), 1, "whose ledger is moved aside");
    is(sum_of(ledger), 0, "and not sent to this one");
    add(ledger, "room", 1, "click:a", 1);
    stop(&nginx);

    /* the index does not matter to who is alone */

    run("dd if=/dev/urandom of=ledger conv=notrunc bs=1 seek=1036 count=20 "
        "2>/dev/null");
    run("dd if=/dev/urandom of=ledger conv=notrunc bs=512 seek=254 count=2 "
        "2>/dev/null");

    ledger = started(&nginx, 128 * 1024, "other:");
    ok(ledger != NULL && add(ledger, "room", 1, "click:b", 1) == NGX_OK,
       "a damaged index is made anew");
    stop(&nginx);

    run("rm ledger && ln -s /etc/passwd ledger");
    refused(&nginx, "a link is not followed");
    run("rm ledger && mkdir ledger");
    refused(&nginx, "a folder is refused");
    run("rmdir ledger && mkfifo ledger");
    refused(&nginx, "a pipe is refused");
    run("rm ledger && touch real && ln real ledger");
    refused(&nginx, "a second name is refused");
    run("rm ledger real");
}


static void
test_configuration(void)
{
    nginx_t      nginx;
    struct stat  before, after;

    ngx_test_config = 1;
    ok(start(&nginx, 128 * 1024, "other:") == NGX_OK,
       "nginx -t is content where a ledger could be made");
    stop(&nginx);
    is(size_of(path), (uint64_t) -1, "and makes none");

    ngx_test_config = 0;
    (void) start(&nginx, 128 * 1024, "other:");
    stop(&nginx);

    stat(path, &before);
    ngx_test_config = 1;
    ok(start(&nginx, 256 * 1024, "commerce:") == NGX_OK, "it finds a ledger");
    stop(&nginx);
    stat(path, &after);
    ok(memcmp(&before.st_ctim, &after.st_ctim, sizeof(struct timespec)) == 0
       && size_of(path) == 128 * 1024, "and leaves it alone");

    run("rm ledger && mkdir ledger");
    refused(&nginx, "it says what a start would");
    ok(strstr(ngx_shim_logged(), "can't be opened in nginx.conf:1") != NULL,
       "and why, and where");
    run("rmdir ledger");

    ngx_test_config = 0;
}


static void
test_paths(void)
{
    char       other[80];
    ngx_str_t  one, two;

    one = TEXT(path);
    two = TEXT(other);

    snprintf(other, sizeof(other), "%s//./ledger", dir);
    two.len = strlen(other);
    ok(ngx_commerce_ledger_same(&one, &two), "two ways to a file not made yet");

    snprintf(other, sizeof(other), "%s/ledger2", dir);
    two.len = strlen(other);
    ok(!ngx_commerce_ledger_same(&one, &two), "two files not made yet");

    run("touch ledger ledger2");
    ok(!ngx_commerce_ledger_same(&one, &two), "two files");
    run("rm ledger2 && ln -s ledger ledger2");
    ok(ngx_commerce_ledger_same(&one, &two), "a link to the other");
    run("rm ledger ledger2");

    run("mkdir real && ln -s real link");
    snprintf(other, sizeof(other), "%s/real/x", dir);
    two.len = strlen(other);
    one = two;
    one.data = (u_char *) strdup(other);
    snprintf(other, sizeof(other), "%s/link/x", dir);
    two.len = strlen(other);
    ok(ngx_commerce_ledger_same(&one, &two), "a folder by two names");
    free(one.data);
    run("rm -r real link");
}


/* those who use one ledger at a time */

static void
test_users(void)
{
    nginx_t     nginx, other;
    ngx_uint_t  aside;

    aside = files("ledger.foreign-");

    (void) start(&nginx, 128 * 1024, "commerce:");

    ok(start(&other, 128 * 1024, "commerce:") == NGX_OK,
       "two nginx share a ledger");
    stop(&other);

    ok(start(&other, 128 * 1024, "other:") == NGX_ERROR
       && strstr(ngx_shim_logged(), "with namespace") != NULL
       && files("ledger.foreign-") == aside,
       "not with another namespace: it stays where it is");
    stop(&other);

    source = "elsewhere#0";
    ok(start(&other, 128 * 1024, "commerce:") == NGX_ERROR
       && strstr(ngx_shim_logged(), "another Redis") != NULL,
       "nor with another Redis");
    stop(&other);

    inherited = 1;
    ok(start(&other, 128 * 1024, "commerce:") == NGX_OK,
       "but a reload with the same ledger, or a new binary, may change it");
    stop(&other);
    inherited = 0;

    ok(start(&other, 128 * 1024, "commerce:") == NGX_OK, "for all");
    stop(&other);

    stop(&nginx);
}


int
main(void)
{
    make_dir();

    test_restart();
    test_resize();
    test_older();
    test_damage();
    test_configuration();
    test_paths();
    test_users();

    remove_dir();

    return tap_done();
}
