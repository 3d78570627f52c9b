
/*
 * The ledger's file: made, taken over, older, resized, damaged, foreign, cut
 * short.
 */

/* links: src/core/ngx_commerce_ledger_*.c */


#include "ledger_test.h"
#include <dirent.h>


/* nginx's */
ngx_uint_t    ngx_process;
ngx_uint_t    ngx_test_config;
ngx_module_t  ngx_core_module;


/* the cycle before, if it is a reload, and its tenants */
static ngx_array_t  *old_tenants;
static ngx_cycle_t  *old_cycle;


ngx_array_t *
ngx_commerce_tenants(ngx_cycle_t *cycle)
{
    return old_tenants;
}


static ngx_log_t       test_log;
static char            dir[] = "/tmp/ledger-test-XXXXXX";
static char            path[64];
static char            text[64];


typedef struct {
    ngx_cycle_t             cycle;
    ngx_commerce_tenant_t   tenant;
    void                   *confs[1];
    ngx_core_conf_t         core_conf;
} nginx_t;


/* what init_module does; NULL if the ledger could not be opened */

static ngx_commerce_ledger_t *
start(nginx_t *nginx, size_t size, const char *prefix)
{
    memset(nginx, 0, sizeof(nginx_t));

    nginx->cycle.log = &test_log;
    nginx->cycle.pool = ngx_create_pool(4096, &test_log);
    nginx->cycle.conf_ctx = (void ****) nginx->confs;
    nginx->cycle.old_cycle = old_cycle;
    nginx->confs[0] = &nginx->core_conf;
    nginx->core_conf.user = (ngx_uid_t) NGX_CONF_UNSET_UINT;

    nginx->tenant.name = TEXT("default");
    nginx->tenant.ledger_path = TEXT(path);
    nginx->tenant.ledger_size = size;
    nginx->tenant.prefix = TEXT(prefix);

    if (ngx_commerce_ledger_open(&nginx->tenant, &nginx->cycle) != NGX_OK) {
        ngx_destroy_pool(nginx->cycle.pool);
        return NULL;
    }

    return nginx->tenant.ledger;
}


static void
stop(nginx_t *nginx)
{
    ngx_destroy_pool(nginx->cycle.pool);
}


static off_t
size_of(const char *name)
{
    struct stat  st;

    return stat(name, &st) == -1 ? -1 : st.st_size;
}


/* how many files of the directory have such a part in their names */

static ngx_uint_t
files(const char *part)
{
    DIR            *d;
    ngx_uint_t      n;
    struct dirent  *entry;

    n = 0;
    d = opendir(dir);

    while ((entry = readdir(d)) != NULL) {
        n += strstr(entry->d_name, part) != NULL;
    }

    closedir(d);

    return n;
}


static void
run(const char *command)
{
    char  line[256];

    snprintf(line, sizeof(line), "cd %s && %s", dir, command);

    if (system(line) != 0) {
        abort();
    }
}


static void
test_restart(void)
{
    nginx_t                 nginx, reload;
    uint64_t                generation;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = start(&nginx, 128 * 1024, "commerce:");
    ok(ledger != NULL, "a ledger is made");
    is(size_of(path), 128 * 1024, "of the size wanted");

    stat(path, &st);
    is(st.st_mode & 07777, 0600, "for its owner alone");
    ok((off_t) st.st_blocks * 512 >= 128 * 1024, "allocated whole");

    add(ledger, "room", 1, "click:a", 3);

    ok(start(&reload, 128 * 1024, "commerce:") != NULL, "a reload joins it");
    add(reload.tenant.ledger, "room", 1, "click:a", 2);
    is(sum_of(ledger), 5, "both count in the same cell");
    stop(&nginx);

    ledger = start(&nginx, 256 * 1024, "commerce:");
    ok(ledger != NULL && size_of(path) == 128 * 1024,
       "in use, it keeps its size");
    generation = ledger->header->generation;
    stop(&reload);
    stop(&nginx);

    ledger = start(&nginx, 128 * 1024, "commerce:");
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
    ledger = start(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    ngx_commerce_ledger_usage(ledger, &used, &cells);
    stop(&nginx);

    ledger = start(&nginx, 1024 * 1024, "commerce:");
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

    ledger = start(&nginx, 64 * 1024, "commerce:");
    is(size_of(path), 1024 * 1024, "too full, it does not shrink");
    is(sum_of(ledger), 6 + more - 2, "and loses nothing");
    stop(&nginx);

    run("rm ledger");
    ledger = start(&nginx, 1024 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    stop(&nginx);

    ledger = start(&nginx, 128 * 1024, "commerce:");
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
    ledger = start(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 5);
    generation = ledger->header->generation;
    run("cp ledger older && dd if=ledger of=header bs=4096 count=1 2>/dev/null");
    add(ledger, "room", 1, "click:b", 3);
    stop(&nginx);

    run("cat older > ledger");
    ledger = start(&nginx, 128 * 1024, "commerce:");
    is(sum_of(ledger), 5, "an older file: what it holds is sent");
    add(ledger, "room", 1, "click:a", 1);
    add(ledger, "room", 1, "click:b", 1);
    is(visit(ledger, 0, 0, NULL, NULL), 3, "and counted no further");
    ok(ledger->header->generation != generation,
       "by names that were never used");
    add(ledger, "room", 1, "click:c", 1);
    stop(&nginx);

    run("dd if=header of=ledger conv=notrunc 2>/dev/null");
    ledger = start(&nginx, 128 * 1024, "commerce:");
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

    ledger = start(&nginx, 128 * 1024, "commerce:");
    ok(ledger != NULL, "with a damaged label a new ledger is made");
    is(files("ledger.damaged-"), 1, "the damaged one is moved aside");
    is(sum_of(ledger), 0, "the new one is empty");
    add(ledger, "room", 1, "click:a", 1);
    stop(&nginx);

    ledger = start(&nginx, 128 * 1024, "other:");
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

    ledger = start(&nginx, 128 * 1024, "other:");
    ok(ledger != NULL && add(ledger, "room", 1, "click:b", 1) == NGX_OK,
       "a damaged index is made anew");
    stop(&nginx);

    run("rm ledger && ln -s /etc/passwd ledger");
    ok(start(&nginx, 128 * 1024, "other:") == NULL, "a link is not followed");
    run("rm ledger && mkdir ledger");
    ok(start(&nginx, 128 * 1024, "other:") == NULL, "a folder is refused");
    run("rmdir ledger && mkfifo ledger");
    ok(start(&nginx, 128 * 1024, "other:") == NULL, "a pipe is refused");
    run("rm ledger && touch real && ln real ledger");
    ok(start(&nginx, 128 * 1024, "other:") == NULL, "a second name is refused");
    run("rm ledger real");

    ngx_test_config = 1;
    (void) start(&nginx, 128 * 1024, "other:");
    ngx_test_config = 0;
    is(size_of(path), (uint64_t) -1, "nginx -t makes none");
    stop(&nginx);
}


static void
test_cut_short(void)
{
    nginx_t                 nginx;
    uint64_t                generation;
    ngx_commerce_ledger_t  *ledger;

    ledger = start(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 1, "click:a", 4);
    add(ledger, "room", 1, "click:b", 4);
    generation = ledger->header->generation;

    run("truncate -s 4352 ledger");
    ok(ngx_commerce_ledger_check(ledger) == NGX_OK,
       "cut short while in use, it is made whole");
    is(size_of(path), 128 * 1024, "again of its size");
    is(sum_of(ledger), 4, "what was left of it is kept");
    ok(ledger->header->generation != generation, "in an old generation");

    run("truncate -s 0 ledger");
    ok(ngx_commerce_ledger_check(ledger) == NGX_OK, "even if nothing was left");
    ok(add(ledger, "room", 1, "click:a", 2) == NGX_OK, "it counts on");
    stop(&nginx);

    run("truncate -s 5000 ledger");
    ledger = start(&nginx, 128 * 1024, "commerce:");
    ok(ledger != NULL && size_of(path) == 128 * 1024,
       "cut short while unused, it is made whole by the next start");
    ok(add(ledger, "room", 1, "click:a", 2) == NGX_OK, "and counts on");
    stop(&nginx);
}


static void
test_reload_without(void)
{
    nginx_t                 nginx, reload;
    ngx_array_t             tenants;
    ngx_commerce_ledger_t  *ledger;
    ngx_commerce_tenant_t  *tenant;

    ledger = start(&nginx, 128 * 1024, "commerce:");
    add(ledger, "room", 7, "click:a", 4);

    tenant = &nginx.tenant;
    memset(&tenants, 0, sizeof(ngx_array_t));
    tenants.elts = &tenant;
    tenants.nelts = 1;

    run("mv ledger away && mkdir ledger");
    ok(start(&reload, 128 * 1024, "commerce:") == NULL,
       "a start fails without a ledger");

    old_tenants = &tenants;
    old_cycle = &nginx.cycle;
    ledger = start(&reload, 128 * 1024, "commerce:");
    ok(ledger != NULL, "a reload goes on with the old one");
    stop(&nginx);
    ok(ledger != NULL && add(ledger, "room", 7, "click:a", 1) == NGX_OK,
       "even when the old cycle is gone");

    old_tenants = NULL;
    old_cycle = NULL;
    stop(&reload);
    run("rmdir ledger && mv away ledger");
}


int
main(void)
{
    if (mkdtemp(dir) == NULL) {
        return 1;
    }

    snprintf(path, sizeof(path), "%s/ledger", dir);

    test_restart();
    test_resize();
    test_older();
    test_damage();
    test_cut_short();
    test_reload_without();

    snprintf(text, sizeof(text), "rm -rf %s", dir);

    return system(text) == 0 ? tap_done() : 1;
}
