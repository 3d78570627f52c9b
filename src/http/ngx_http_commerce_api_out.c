
#include "ngx_http_commerce_api_out.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_redis.h"


#define NGX_HTTP_COMMERCE_API_OUT_PAGE  1000    /* entries, or a few more */


/* the elements of the answers of out_write and out_read */

enum {
    NGX_HTTP_COMMERCE_API_OUT_VERSION = 1,
    NGX_HTTP_COMMERCE_API_OUT_NEW,
    NGX_HTTP_COMMERCE_API_OUT_UNTIL,
    NGX_HTTP_COMMERCE_API_OUT_HOST,
    NGX_HTTP_COMMERCE_API_OUT_SHOW
};

enum {
    NGX_HTTP_COMMERCE_API_OUT_NEXT = 2,
    NGX_HTTP_COMMERCE_API_OUT_FIELDS,
    NGX_HTTP_COMMERCE_API_OUT_ELEMENTS
};


/* what is done to a viewer */

typedef struct {
    const char  *event;
    const char  *told;     /* what the answer says beside; or NULL */
    ngx_str_t   *viewer;
} ngx_http_commerce_api_out_write_t;


static ngx_int_t ngx_http_commerce_api_out_write(ngx_http_commerce_api_t *api,
    const char *what, const char *event, const char *told, ngx_str_t *viewer,
    ngx_str_t *until);
static ngx_int_t ngx_http_commerce_api_out_written(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_out_ask(ngx_http_commerce_api_t *api,
    ngx_str_t *from, ngx_str_t *viewer, ngx_http_commerce_api_step_pt step);
static ngx_int_t ngx_http_commerce_api_out_list_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_out_read_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static json_t *ngx_http_commerce_api_out_entry(ngx_http_commerce_api_t *api,
    ngx_str_t *field, int64_t until);


static ngx_str_t  ngx_http_commerce_api_out_none = ngx_null_string;
static ngx_str_t  ngx_http_commerce_api_out_zero = ngx_string("0");
static ngx_str_t  ngx_http_commerce_api_out_everybody = ngx_string("*");


ngx_int_t
ngx_http_commerce_api_out_ban(ngx_http_commerce_api_t *api)
{
    ngx_int_t                         rc;
    ngx_str_t                        *until;
    ngx_http_commerce_api_changes_t   changes;

    rc = ngx_http_commerce_api_field_read_changes(api,
                                ngx_http_commerce_api_ban_fields, 1, &changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    until = ngx_http_commerce_api_field_new_value(&changes, "until");

    return ngx_http_commerce_api_out_write(api, "ban", "viewer_banned",
                                           "until", &api->member,
                                  until ? until
                                        : &ngx_http_commerce_api_out_zero);
}


ngx_int_t
ngx_http_commerce_api_out_lift(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_out_write(api, "lift", "viewer_ban_lifted",
                                           NULL, &api->member,
                                           &ngx_http_commerce_api_out_zero);
}


ngx_int_t
ngx_http_commerce_api_out_sign_out(ngx_http_commerce_api_t *api)
{
    ngx_int_t                         rc;
    ngx_str_t                        *viewer, *everybody;
    ngx_http_commerce_api_changes_t   changes;

    rc = ngx_http_commerce_api_field_read_changes(api,
                            ngx_http_commerce_api_signout_fields, 1, &changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    viewer = ngx_http_commerce_api_field_new_value(&changes, "viewer");
    everybody = ngx_http_commerce_api_field_new_value(&changes, "everybody");

    if ((viewer == NULL) == (everybody == NULL)) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "field_missing",
                                            "either /viewer or /everybody is "
                                            "required");
    }

    return ngx_http_commerce_api_out_write(api, "sign_out",
                                           "viewer_signed_out", "from",
                                viewer ? viewer
                                       : &ngx_http_commerce_api_out_everybody,
                                           &ngx_http_commerce_api_out_zero);
}


static ngx_int_t
ngx_http_commerce_api_out_write(ngx_http_commerce_api_t *api, const char *what,
    const char *event, const char *told, ngx_str_t *viewer, ngx_str_t *until)
{
    ngx_array_t                        *args;
    ngx_http_commerce_api_out_write_t  *write;

    write = ngx_palloc(api->request->pool,
                       sizeof(ngx_http_commerce_api_out_write_t));
    if (write == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    write->event = event;
    write->told = told;
    write->viewer = viewer;

    api->data = write;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_part(api, args, "");
    ngx_http_commerce_api_redis_push_part(api, args, ":out");
    ngx_http_commerce_api_redis_push_part(api, args, ":out:ends");
    ngx_http_commerce_api_redis_push_part(api, args, ":out:changes");
    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push_literal(args, what);
    ngx_http_commerce_api_redis_push(args, viewer);
    ngx_http_commerce_api_redis_push(args, until);
    ngx_http_commerce_api_redis_push_number(args,
                                ngx_http_commerce_api_out_lasts(api->tenant));
    ngx_http_commerce_api_redis_push_number(args, api->tenant->skew);

    return ngx_http_commerce_api_redis_eval(api,
                                       &ngx_commerce_redis_script_out_write, 4,
                                       args,
                                       ngx_http_commerce_api_out_written);
}


int64_t
ngx_http_commerce_api_out_lasts(ngx_commerce_tenant_t *tenant)
{
    return (int64_t) ngx_max(tenant->viewer_max, tenant->session)
           + (int64_t) tenant->skew;
}


static ngx_int_t
ngx_http_commerce_api_out_written(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t                             *json;
    int64_t                             version;
    ngx_int_t                           rc;
    ngx_str_t                           host, show, until;
    ngx_uint_t                          created;
    ngx_http_commerce_api_out_write_t  *write;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                           NGX_HTTP_COMMERCE_API_OUT_SHOW + 1);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    write = api->data;

    version = ngx_http_commerce_api_redis_number(reply,
                                           NGX_HTTP_COMMERCE_API_OUT_VERSION);
    created = api->route->method == NGX_HTTP_PUT
              && ngx_http_commerce_api_redis_number(reply,
                                               NGX_HTTP_COMMERCE_API_OUT_NEW);
    until = ngx_http_commerce_api_redis_text(reply,
                                             NGX_HTTP_COMMERCE_API_OUT_UNTIL);

    if (ngx_http_commerce_api_same(&until, &ngx_http_commerce_api_out_zero)) {
        until.len = 0;
    }

    host = ngx_http_commerce_api_redis_text(reply,
                                            NGX_HTTP_COMMERCE_API_OUT_HOST);
    show = ngx_http_commerce_api_redis_text(reply,
                                            NGX_HTTP_COMMERCE_API_OUT_SHOW);

    ngx_http_commerce_api_event(api, write->event, "host", &host,
                                "show", &show, "viewer", write->viewer,
                                write->told ? write->told : "until", &until,
                                NULL);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));

    if (write->told) {
        json_object_set_new(json, write->told,
                            until.len ? ngx_http_commerce_json_number(&until)
                                      : json_null());
    }

    return ngx_http_commerce_api_answer(api, created ? NGX_HTTP_CREATED
                                                     : NGX_HTTP_OK,
                                        json, version);
}


ngx_int_t
ngx_http_commerce_api_out_list(ngx_http_commerce_api_t *api)
{
    ngx_str_t  from;

    if (ngx_http_arg(api->request, (u_char *) "from", sizeof("from") - 1,
                     &from)
        != NGX_OK)
    {
        from = ngx_http_commerce_api_out_zero;

    } else if (ngx_commerce_number(&from) == NGX_ERROR) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "argument_wrong",
                                            "?from has to be the \"next\" of "
                                            "the answer before");
    }

    return ngx_http_commerce_api_out_ask(api, &from,
                                         &ngx_http_commerce_api_out_none,
                                         ngx_http_commerce_api_out_list_done);
}


ngx_int_t
ngx_http_commerce_api_out_read(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_out_ask(api, &ngx_http_commerce_api_out_zero,
                                         &api->member,
                                         ngx_http_commerce_api_out_read_done);
}


static ngx_int_t
ngx_http_commerce_api_out_ask(ngx_http_commerce_api_t *api, ngx_str_t *from,
    ngx_str_t *viewer, ngx_http_commerce_api_step_pt step)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_part(api, args, "");
    ngx_http_commerce_api_redis_push_part(api, args, ":out");
    ngx_http_commerce_api_redis_push(args, from);
    ngx_http_commerce_api_redis_push_number(args,
                                            NGX_HTTP_COMMERCE_API_OUT_PAGE);

    if (viewer->len) {
        ngx_http_commerce_api_redis_push(args, viewer);

    } else {
        ngx_http_commerce_api_redis_push_literal(args, "");
    }

    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_out_read, 2,
                                        args, step);
}


static ngx_int_t
ngx_http_commerce_api_out_list_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t       i;
    json_t      *json, *list, *entry;
    int64_t      version;
    ngx_int_t    rc;
    ngx_str_t    field, next;
    redisReply  *fields;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                           NGX_HTTP_COMMERCE_API_OUT_ELEMENTS);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    fields = reply->element[NGX_HTTP_COMMERCE_API_OUT_FIELDS];
    list = json_array();

    for (i = 0; i + 1 < fields->elements; i += 2) {
        field = ngx_http_commerce_api_redis_text(fields, i);
        entry = ngx_http_commerce_api_out_entry(api, &field,
                             ngx_http_commerce_api_redis_number(fields, i + 1));

        if (entry) {
            json_array_append_new(list, entry);
        }
    }

    next = ngx_http_commerce_api_redis_text(reply,
                                            NGX_HTTP_COMMERCE_API_OUT_NEXT);
    version = ngx_http_commerce_api_redis_number(reply,
                                           NGX_HTTP_COMMERCE_API_OUT_VERSION);

    json = json_object();
    json_object_set_new(json, "out", list);
    json_object_set_new(json, "next",
                        ngx_http_commerce_api_same(&next,
                                              &ngx_http_commerce_api_out_zero)
                        ? json_null() : ngx_http_commerce_json_number(&next));
    json_object_set_new(json, "version", json_integer(version));

    /* bans end as time goes on */
    api->more = 1;

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


static ngx_int_t
ngx_http_commerce_api_out_read_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t       i;
    json_t      *json, *entry;
    int64_t      version;
    ngx_int_t    rc;
    ngx_str_t    field;
    redisReply  *fields;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                           NGX_HTTP_COMMERCE_API_OUT_ELEMENTS);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    fields = reply->element[NGX_HTTP_COMMERCE_API_OUT_FIELDS];

    json = json_object();
    json_object_set_new(json, "viewer",
                        ngx_http_commerce_json_string(&api->member));
    json_object_set_new(json, "banned", json_false());

    for (i = 0; i + 1 < fields->elements; i += 2) {
        field = ngx_http_commerce_api_redis_text(fields, i);
        entry = ngx_http_commerce_api_out_entry(api, &field,
                             ngx_http_commerce_api_redis_number(fields, i + 1));

        if (entry) {
            json_object_update(json, entry);
            json_decref(entry);
        }
    }

    version = ngx_http_commerce_api_redis_number(reply,
                                           NGX_HTTP_COMMERCE_API_OUT_VERSION);
    json_object_set_new(json, "version", json_integer(version));

    api->more = 1;

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


/* a field as JSON, or NULL: it is none, or has ended */

static json_t *
ngx_http_commerce_api_out_entry(ngx_http_commerce_api_t *api, ngx_str_t *field,
    int64_t until)
{
    json_t     *json;
    int64_t     now;
    ngx_str_t   viewer;

    if (field->len < 3 || field->data[1] != ':') {
        return NULL;
    }

    now = ngx_commerce_now(api->tenant);

    viewer.data = field->data + 2;
    viewer.len = field->len - 2;

    json = json_object();

    if (ngx_http_commerce_api_same(&viewer,
                                   &ngx_http_commerce_api_out_everybody))
    {
        json_object_set_new(json, "everybody", json_true());

    } else {
        json_object_set_new(json, "viewer",
                            ngx_http_commerce_json_string(&viewer));
    }

    if (field->data[0] == 'b' && (until == 0 || until > now)) {
        json_object_set_new(json, "banned", json_true());
        json_object_set_new(json, "until",
                            until ? json_integer(until) : json_null());
        return json;
    }

    if (field->data[0] == 's'
        && until + ngx_http_commerce_api_out_lasts(api->tenant) > now)
    {
        json_object_set_new(json, "signed_out", json_integer(until));
        return json;
    }

    json_decref(json);

    return NULL;
}
