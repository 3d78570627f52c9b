
/*
 * Who may publish over RTMP: the state of one session, and what the files
 * of the module share.
 */


#ifndef _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_rtmp.h>
#include <ngx_rtmp_cmd_module.h>

#include "ngx_commerce_decide.h"
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_claim.h"
#include "ngx_commerce_watch.h"
#include "ngx_rtmp_commerce_args.h"


typedef struct {
    ngx_commerce_tenant_t       *named;       /* by commerce_tenant */
    ngx_commerce_tenant_t       *tenant;      /* NULL: publish is off */
    ngx_uint_t                   proofs;      /* see ngx_commerce_decide.h */
    ngx_msec_t                   window;
    ngx_msec_t                   video;       /* to wait for it; 0: for ever */
    ngx_uint_t                   video_refuse;

    u_char                      *file;        /* of commerce_publish */
    ngx_uint_t                   line;
} ngx_rtmp_commerce_app_conf_t;


typedef enum {
    NGX_RTMP_COMMERCE_IDLE = 0,    /* nothing is published */
    NGX_RTMP_COMMERCE_LOOKUP,      /* key, room and host are looked up */
    NGX_RTMP_COMMERCE_CLAIM,       /* the room is claimed */
    NGX_RTMP_COMMERCE_PUBLISHING,
    NGX_RTMP_COMMERCE_CLOSING      /* told to go */
} ngx_rtmp_commerce_state_e;


#define NGX_RTMP_COMMERCE_CODEC_MAX    16
#define NGX_RTMP_COMMERCE_ENCODER_MAX  64

/* what a live one sends; texts are empty, or end with a NUL */

typedef struct {
    ngx_event_t                  event;       /* its time is over; then: */
                                              /* what is wrong is said again */
    u_char                       video[NGX_RTMP_COMMERCE_CODEC_MAX];
    u_char                       audio[NGX_RTMP_COMMERCE_CODEC_MAX];
    u_char                       encoder[NGX_RTMP_COMMERCE_ENCODER_MAX];

    unsigned                     watched:1;
    unsigned                     playable:1;  /* a picture came */
    unsigned                     wrong:1;     /* none came in time */
} ngx_rtmp_commerce_media_t;


/* of a session, in its pool, from its first publish on */

typedef struct ngx_rtmp_commerce_ctx_s  ngx_rtmp_commerce_ctx_t;

struct ngx_rtmp_commerce_ctx_s {
    ngx_rtmp_session_t           *session;
    ngx_commerce_tenant_t        *tenant;
    ngx_rtmp_commerce_app_conf_t *conf;

    ngx_rtmp_commerce_state_e     state;
    ngx_commerce_reason_e         reason;     /* why it was cut */

    ngx_rtmp_publish_t            publish;    /* what later hooks get */
    ngx_rtmp_commerce_args_t      presented;
    ngx_rtmp_commerce_args_t      brought;    /* by the connect: for any */

    ngx_str_t                     room;       /* empty until it is known */
    ngx_str_t                     host;
    u_char                        room_name[NGX_COMMERCE_NAME_MAX];
    u_char                        host_name[NGX_COMMERCE_NAME_MAX];
    ngx_commerce_grant_t          grant;

    ngx_commerce_wait_t           key_wait;
    ngx_commerce_wait_t           room_wait;
    ngx_commerce_wait_t           host_wait;

    ngx_commerce_claim_t         *claim;      /* NULL: none */

    ngx_rtmp_commerce_media_t     media;

    ngx_event_t                   event;      /* closing */
    ngx_msec_t                    deadline;

    ngx_commerce_watch_t          room_watch; /* while it publishes */
    ngx_commerce_watch_t          host_watch;
    void                        (*stop)(ngx_rtmp_commerce_ctx_t *ctx);

    unsigned                      by_key:1;   /* the name was the key */
    unsigned                      refreshed:1;
    unsigned                      published:1;
    unsigned                      shut:1;     /* nothing more is sent */
};


extern ngx_module_t  ngx_rtmp_commerce_module;


/*
 * ngx_rtmp_commerce_session.c: learns of closed streams before those modules
 * that were configured, when all have been.
 */
void ngx_rtmp_commerce_session_hook(void);

/*
 * The session's conf if its publishing has to be approved, else NULL: streams
 * that nginx-rtmp fetches or hands from worker to worker itself are not.
 */
ngx_rtmp_commerce_app_conf_t *ngx_rtmp_commerce_session_conf(
    ngx_rtmp_session_t *s);

/* the session's context, made if there is none; NULL: no memory */
ngx_rtmp_commerce_ctx_t *ngx_rtmp_commerce_session_ctx(ngx_rtmp_session_t *s,
    ngx_rtmp_commerce_app_conf_t *cacf);

/*
 * The session publishes no more, or never did: nothing is left of its claim
 * nor of what it waited for.  May be called any number of times.
 */
void ngx_rtmp_commerce_session_end(ngx_rtmp_commerce_ctx_t *ctx);


/*
 * ngx_rtmp_commerce_command.c: reads the commands that may carry a proof
 * before nginx-rtmp does, and refuses those of clients where it opened the
 * connection itself.  Called when all modules have been configured.
 */
ngx_int_t ngx_rtmp_commerce_command(ngx_conf_t *cf);


/*
 * ngx_rtmp_commerce_login.c: asks a client that connects and brought no proof
 * for a user and a password, where these are taken.  NGX_OK: there is nothing
 * to ask; NGX_DONE: it is asked, and will connect again; NGX_ERROR.
 */
ngx_int_t ngx_rtmp_commerce_login(ngx_rtmp_session_t *s, double trans,
    ngx_rtmp_commerce_app_conf_t *cacf, ngx_rtmp_commerce_args_t *brought);


/*
 * ngx_rtmp_commerce_gate.c: keeps what is sent without an approval from other
 * modules.  Called when all of them have been configured.
 */
ngx_int_t ngx_rtmp_commerce_gate(ngx_conf_t *cf);


/*
 * ngx_rtmp_commerce_relay.c: what nginx-rtmp fetches itself, and hands from
 * worker to worker.
 */

/* 1 if the stream that comes in on the session is nginx-rtmp's own */
ngx_uint_t ngx_rtmp_commerce_relay_is_own(ngx_rtmp_session_t *s);

/*
 * A publish on such a session: NGX_OK, or NGX_ERROR, which has been logged, if
 * it is pulled, and this is not the name it was configured or asked for under.
 */
ngx_int_t ngx_rtmp_commerce_relay_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);


/*
 * ngx_rtmp_commerce_publish.c: admission.  Looks up, decides, claims, and
 * hands the publish on to those modules that were configured, when all have
 * been.
 */
void ngx_rtmp_commerce_publish_hook(void);


/*
 * ngx_rtmp_commerce_media.c: looks at what a live session sends, from start to
 * stop, which may be called any number of times.  Each message of audio or
 * video is seen; data are those of an AMF0 data message.
 */
void ngx_rtmp_commerce_media_start(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_media_stop(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_media_seen(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
void ngx_rtmp_commerce_media_data(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_chain_t *in);


/*
 * ngx_rtmp_commerce_watch.c: from its start to its end a publish is cut
 * as soon as its room or host may no longer, or its proof holds no more.
 * NGX_OK; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_rtmp_commerce_watch(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_unwatch(ngx_rtmp_commerce_ctx_t *ctx);


/*
 * ngx_rtmp_commerce_refuse.c: refuses a session that asks to publish; cuts one
 * that does.  The client is told why, and the connection is closed once it had
 * time to read that.
 */
void ngx_rtmp_commerce_refuse(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
void ngx_rtmp_commerce_cut(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);

/* closes the connection when what was sent has been read */
void ngx_rtmp_commerce_close(ngx_rtmp_commerce_ctx_t *ctx);


/*
 * ngx_rtmp_commerce_audit.c: an entry of the tenant's stream of events:
 * "publish_started" and the like, with the client's address and encoder
 */
void ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason);


#endif /* _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_ */
