-- Says in the hash of stream keys which room a key opens. The hash is a hint:
-- what decides is the key in the room itself.
--
-- KEYS[1]  the hash of stream keys
-- ARGV[1]  room
-- ARGV[2]  hash of the key that opens the room from now on, or ""
-- ARGV[3]  hash of the one that did so before, or ""
--
-- Returns "ok", or "key_taken" if the key opens another room.

local hints, room, added, dropped = KEYS[1], ARGV[1], ARGV[2], ARGV[3]

if added ~= '' then
    local holder = redis.call('HGET', hints, added)

    if holder and holder ~= room then
        return {'key_taken'}
    end

    redis.call('HSET', hints, added, room)
end

if dropped ~= '' and dropped ~= added
   and redis.call('HGET', hints, dropped) == room
then
    redis.call('HDEL', hints, dropped)
end

return {'ok'}
