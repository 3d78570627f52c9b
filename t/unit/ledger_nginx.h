
/*
 * What tests of the ledger's file share: a folder, and as many nginx as are
 * wanted that have a ledger in it.
 */


#ifndef _LEDGER_NGINX_H_INCLUDED_
#define _LEDGER_NGINX_H_INCLUDED_


#include "ledger_test.h"
#include "ngx_shim.h"
#include <dirent.h>


/* nginx's */
ngx_uint_t    ngx_test_config;
ngx_module_t  ngx_core_module;


static char          dir[] = "/tmp/ledger-test-XXXXXX";
static char          path[64];

/* 1: by a reload or a new binary, for which those before leave */
static ngx_uint_t    inherited;

/* a ledger of the format before; NULL: none is looked for */
static char         *started_former;

/* the Redis that counts go to */
static const char   *source = "redis#0";


typedef struct {
    ngx_cycle_t             cycle;
    ngx_commerce_tenant_t   tenant;
    void                   *confs[1];
    ngx_core_conf_t         core_conf;
} nginx_t;


static inline void
make_dir(void)
{
    if (mkdtemp(dir) == NULL) {
        abort();
    }

    snprintf(path, sizeof(path), "%s/ledger", dir);
}


/* a command in the folder */

static inline void
run(const char *command)
{
    char  line[256];

    snprintf(line, sizeof(line), "cd %s && %s", dir, command);

    if (system(line) != 0) {
        abort();
    }
}


static inline void
remove_dir(void)
{
    run("rm -rf \"$PWD\"");
}


static inline off_t
size_of(const char *name)
{
    struct stat  st;

    return stat(name, &st) == -1 ? -1 : st.st_size;
}


/* how many files of the folder have such a part in their names */

static inline ngx_uint_t
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


/* what a start and a reload do; stop() comes after it in any case */

static inline ngx_int_t
start(nginx_t *nginx, size_t size, const char *prefix)
{
    memset(nginx, 0, sizeof(nginx_t));

    nginx->cycle.log = &ngx_shim_log;
    nginx->cycle.pool = ngx_create_pool(4096, &ngx_shim_log);
    nginx->cycle.conf_ctx = (void ****) nginx->confs;
    nginx->confs[0] = &nginx->core_conf;
    nginx->core_conf.user = (ngx_uid_t) NGX_CONF_UNSET_UINT;

    nginx->tenant.name = TEXT("default");
    nginx->tenant.ledger_path = TEXT(path);
    nginx->tenant.ledger_size = size;
    nginx->tenant.ledger_inherited = inherited;
    nginx->tenant.ledger_file = (u_char *) "nginx.conf";
    nginx->tenant.ledger_line = 1;

    if (started_former) {
        nginx->tenant.ledger_former = TEXT(started_former);
    }

    nginx->tenant.prefix = TEXT(prefix);
    nginx->tenant.source_id = TEXT(source);

    return ngx_commerce_ledger_open(&nginx->tenant, &nginx->cycle);
}


static inline void
stop(nginx_t *nginx)
{
    ngx_destroy_pool(nginx->cycle.pool);
}


/* the ledger of a nginx that is to start */

static inline ngx_commerce_ledger_t *
started(nginx_t *nginx, size_t size, const char *prefix)
{
    if (start(nginx, size, prefix) != NGX_OK) {
        printf("Bail out! no ledger: %s\n", ngx_shim_logged());
        exit(1);
    }

    return nginx->tenant.ledger;
}


/* what is at the path is no ledger for anybody */

static inline void
refused(nginx_t *nginx, const char *what)
{
    ok(start(nginx, 128 * 1024, "commerce:") == NGX_ERROR, "%s", what);
    stop(nginx);
}


#endif /* _LEDGER_NGINX_H_INCLUDED_ */
