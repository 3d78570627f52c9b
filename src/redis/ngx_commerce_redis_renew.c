
#include "ngx_commerce_redis_renew.h"
#include "ngx_commerce_redis_keep.h"
#include "ngx_commerce_redis_scripts.h"


/* the room, its shelf, its cues, its shows, its claim; and its show's cues */
#define NGX_COMMERCE_REDIS_RENEW_KEYS  5


typedef struct {
    ngx_str_t   name;
    size_t      offset;
} ngx_commerce_redis_renew_field_t;


static ngx_str_t *ngx_commerce_redis_renew_card(ngx_str_t *arg,
    ngx_commerce_card_t *card, u_char *version);


static ngx_commerce_redis_renew_field_t  ngx_commerce_redis_renew_fields[] = {
    { ngx_string("title"), offsetof(ngx_commerce_card_t, title) },
    { ngx_string("price"), offsetof(ngx_commerce_card_t, price) },
    { ngx_string("currency"), offsetof(ngx_commerce_card_t, currency) },
    { ngx_string("stock"), offsetof(ngx_commerce_card_t, stock) },
    { ngx_string("link"), offsetof(ngx_commerce_card_t, link) },
    { ngx_string("image"), offsetof(ngx_commerce_card_t, image) },
    { ngx_null_string, 0 }
};


ngx_commerce_redis_call_t *
ngx_commerce_redis_renew(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_cue_t *cue, ngx_commerce_card_t *card,
    ngx_commerce_redis_handler_pt handler, void *data)
{
    u_char                      version[NGX_INT64_LEN];
    ngx_str_t                  *arg;
    ngx_str_t                   argv[NGX_COMMERCE_REDIS_RENEW_KEYS + 3 + 2
                                     * (sizeof(ngx_commerce_redis_renew_fields)
                                        / sizeof(
                                           ngx_commerce_redis_renew_field_t))];
    ngx_uint_t                  nkeys;
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    static const char          *suffix[] = { "", ":shelf", ":cues", ":shows",
                                             ":live" };

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    call = NULL;
    nkeys = NGX_COMMERCE_REDIS_RENEW_KEYS;
    arg = &argv[nkeys];

    if (ngx_commerce_redis_room_keys(tenant, pool, room, suffix, nkeys, argv)
        != NGX_OK)
    {
        goto done;
    }

    if (cue->show) {
        *arg = ngx_commerce_redis_keep_key(tenant, pool, room,
                                           (int64_t) cue->show);
        if (arg->data == NULL) {
            goto done;
        }

        arg++;
        nkeys++;
    }

    arg[0] = ngx_commerce_redis_channel(tenant, pool, NGX_COMMERCE_ROOM, room);
    arg[1] = cue->id;

    if (arg[0].data == NULL) {
        goto done;
    }

    arg = ngx_commerce_redis_renew_card(arg + 2, card, version);

    call = ngx_commerce_redis_eval(tenant, &ngx_commerce_redis_script_cue_renew,
                                   nkeys, arg - argv, argv, handler, data);

done:

    ngx_destroy_pool(pool);

    return call;
}


/* the version's digits go into version; returns the end of the arguments */

static ngx_str_t *
ngx_commerce_redis_renew_card(ngx_str_t *arg, ngx_commerce_card_t *card,
    u_char *version)
{
    ngx_str_t                         *value;
    ngx_commerce_redis_renew_field_t  *field;

    for (field = ngx_commerce_redis_renew_fields; field->name.len; field++) {

        value = (ngx_str_t *) ((u_char *) card + field->offset);

        if (value->len) {
            *arg++ = field->name;
            *arg++ = *value;
        }
    }

    ngx_str_set(&arg[0], "version");
    arg[1].data = version;
    arg[1].len = ngx_sprintf(version, "%L", card->version) - version;

    return arg + 2;
}
