
#include "ngx_rtmp_commerce_login.h"
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_commerce_decide.h"
#include <ngx_rtmp_streams.h>


#define NGX_RTMP_COMMERCE_LOGIN_SIZE  256


static ngx_int_t ngx_rtmp_commerce_login_ask(ngx_rtmp_session_t *s,
    double trans, ngx_rtmp_commerce_app_conf_t *cacf, ngx_str_t *user);
static ngx_int_t ngx_rtmp_commerce_login_error(ngx_rtmp_session_t *s,
    double trans, char *description);


ngx_int_t
ngx_rtmp_commerce_login(ngx_rtmp_session_t *s, double trans,
    ngx_rtmp_commerce_app_conf_t *cacf, ngx_rtmp_commerce_args_t *brought)
{
    ngx_str_t                 *user;
    ngx_rtmp_commerce_ctx_t   *ctx;

    if (!(cacf->proofs & NGX_COMMERCE_PROOF_LOGIN)
        || ngx_rtmp_commerce_args_any(brought))
    {
        return NGX_OK;
    }

    user = brought->login.user.len ? &brought->login.user : NULL;

    if (ngx_rtmp_commerce_login_ask(s, trans, cacf, user) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_rtmp_commerce_session_ctx(s, cacf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->state = NGX_RTMP_COMMERCE_CLOSING;
    ngx_rtmp_commerce_close(ctx);

    return NGX_DONE;
}


/* of a user who doesn't exist the same is asked as of any other */

static ngx_int_t
ngx_rtmp_commerce_login_ask(ngx_rtmp_session_t *s, double trans,
    ngx_rtmp_commerce_app_conf_t *cacf, ngx_str_t *user)
{
    u_char  salt[NGX_COMMERCE_LOGIN_SALT], opaque[NGX_COMMERCE_LOGIN_OPAQUE];
    u_char  description[NGX_RTMP_COMMERCE_LOGIN_SIZE];

    if (user == NULL) {
        return ngx_rtmp_commerce_login_error(s, trans,
                   "[ AccessManager.Reject ] : "
                   "[ code=403 need auth; authmod=adobe ] : ");
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, user)) {
        return ngx_rtmp_commerce_login_error(s, trans,
                   "[ AccessManager.Reject ] : [ authmod=adobe ] : "
                   "?reason=nosuchuser");
    }

    ngx_commerce_login_salt(user, salt);
    ngx_commerce_login_opaque(ngx_commerce_now(cacf->tenant), opaque);

    (void) ngx_snprintf(description, sizeof(description),
                        "[ AccessManager.Reject ] : [ authmod=adobe ] : "
                        "?reason=needauth&user=%V&salt=%*s&challenge=%*s"
                        "&opaque=%*s%Z", user, sizeof(salt), salt,
                        sizeof(opaque), opaque, sizeof(opaque), opaque);

    return ngx_rtmp_commerce_login_error(s, trans, (char *) description);
}


static ngx_int_t
ngx_rtmp_commerce_login_error(ngx_rtmp_session_t *s, double trans,
    char *description)
{
    ngx_rtmp_header_t          h;
    ngx_rtmp_core_srv_conf_t  *cscf;

    ngx_rtmp_amf_elt_t  information[] = {
        { NGX_RTMP_AMF_STRING, ngx_string("level"), "error", 0 },
        { NGX_RTMP_AMF_STRING, ngx_string("code"),
          "NetConnection.Connect.Rejected", 0 },
        { NGX_RTMP_AMF_STRING, ngx_string("description"), description, 0 }
    };

    ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_STRING, ngx_null_string, "_error", 0 },
        { NGX_RTMP_AMF_NUMBER, ngx_null_string, &trans, 0 },
        { NGX_RTMP_AMF_NULL, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_OBJECT, ngx_null_string, information,
          sizeof(information) }
    };

    ngx_memzero(&h, sizeof(ngx_rtmp_header_t));
    h.csid = NGX_RTMP_CSID_AMF_INI;
    h.type = NGX_RTMP_MSG_AMF_CMD;

    /* what nginx-rtmp sends is in chunks of that size already */

    cscf = ngx_rtmp_get_module_srv_conf(s, ngx_rtmp_core_module);

    return ngx_rtmp_send_chunk_size(s, cscf->chunk_size) == NGX_OK
           && ngx_rtmp_send_amf(s, &h, elts, sizeof(elts) / sizeof(elts[0]))
              == NGX_OK
           ? NGX_OK : NGX_ERROR;
}
