# What others wrote into Redis and is no state or no price counts for nothing:
# the log says where, once.

use lib 't/lib';
use Commerce::Test;

workers(1);
repeat_each(1);

run_tests();

__DATA__

=== states and prices that are none
--- config
    location ~ ^/rooms/(?<room>\w+)$ { commerce_room $room; commerce_shelf; }
--- redis
HSET commerce:{r1} host h1 state opened version 1
HSET commerce:{r2} host h1 state open version 1
ZADD commerce:{r2}:shelf 1 tea 2 pot 3 cup
HSET commerce:product:{tea} state aproved title Tea price 5 version 1
HSET commerce:product:{pot} state approved title Pot price 12.90 version 1
HSET commerce:product:{cup} state approved title Cup stock many version 1
--- request eval
['GET /rooms/r1', 'GET /rooms/r2', 'GET /rooms/r2']
--- response_body_like eval
[qr/"state":"closed"/, (qr/"shelf":\[\{"product":"pot","title":"Pot","version":1\},\{"product":"cup"/) x 2]
--- grep_error_log eval
qr/\w+ "\w+" in redis has an? (?:unknown|wrong) "\w+": [\w.]+/
--- grep_error_log_out eval
qq(room "r1" in redis has an unknown "state": opened
product "tea" in redis has an unknown "state": aproved
product "pot" in redis has a wrong "price": 12.90
product "cup" in redis has a wrong "stock": many
)
