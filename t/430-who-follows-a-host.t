# Followers of a host, as the API and redis-cli write them.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== followed, once more, and not any more
--- redis_each
FLUSHDB
HSET commerce:host:{anna} state approved version 1
--- request eval
['PUT /api/hosts/anna/followers/u42',
'PUT /api/hosts/anna/followers/u42',
'PUT /api/hosts/anna/followers/u43',
'DELETE /api/hosts/anna/followers/u43',
'DELETE /api/hosts/anna/followers/u43']
--- error_code eval
[201, 200, 201, 200, 200]
--- response_body eval
[(qq({"follows":true}\n)) x 3, (qq({"follows":false}\n)) x 2]
--- redis_after
SMEMBERS commerce:host:{anna.d4}:followers => u42
KEYS commerce:host:{anna.*}:followers => commerce:host:{anna.d4}:followers
HGET commerce:host:{anna} version => 1



=== requests that are wrong
--- redis_each
FLUSHDB
HSET commerce:host:{anna} state approved version 1
SET commerce:host:{anna.d4}:followers text
--- request eval
['PUT /api/hosts/nobody/followers/u42',
'PUT /api/hosts/anna/followers/u42',
'PUT /api/hosts/anna/followers/a.b',
'PUT /api/hosts/anna/followers/~AAAAAAAAAAAAAAAAAAAAAA',
'PUT /api/hosts/anna/followers/',
'GET /api/hosts/anna/followers/u43']
--- error_code eval
[404, 409, 400, 400, 404, 405]
--- response_body_like eval
[qr/"reason":"host_unknown"/, qr/"reason":"wrong_type"/,
 (qr/"reason":"bad_name"/) x 2, qr/"reason":"route_unknown"/,
 qr/"reason":"method_not_allowed"/]



=== a follower has no version
--- redis_each
FLUSHDB
HSET commerce:host:{anna} state approved version 1
--- more_headers
If-None-Match: *
--- request eval
['PUT /api/hosts/anna/followers/u42', 'DELETE /api/hosts/anna/followers/u42']
--- error_code eval
[400, 400]
--- response_body_like eval
[(qr/"reason":"condition_wrong"/) x 2]
