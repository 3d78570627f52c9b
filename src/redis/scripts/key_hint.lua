-- Says in the hash of stream keys which room a key opens. The hash is a hint:
-- what decides is the key in the room itself.
--
-- KEYS[1]  the hash of stream keys
-- ARGV[1]  room
-- ARGV[2]  hash of the key that opens the room from now on, or ""
-- ARGV[3]  hash of the one that did so before, or ""
-- ARGV[4]  a room that the added key is known not to open, or ""
--
-- Returns "ok", or "key_taken" and the room, if there is a hint to another.

local hints, room, added, dropped = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local void = ARGV[4]

if added ~= '' then
    local holder = redis.call('HGET', hints, added)

    if holder and holder ~= room and holder ~= void then
        return {'key_taken', holder}
    end

    redis.call('HSET', hints, added, room)
end

if dropped ~= '' and redis.call('HGET', hints, dropped) == room then
    redis.call('HDEL', hints, dropped)
end

return {'ok'}
