-- Has a stream key's hint to a room stay: the room has the key.
--
-- KEYS[1]  the hint
-- ARGV[1]  the room
--
-- Returns "ok"; or "key_taken" and the room to which the hint leads: it was
-- reserved for that one since the reservation of this one ended.

local hint, room = KEYS[1], ARGV[1]
local holder = redis.call('GET', hint)

if holder and holder ~= room then
    return {'key_taken', holder}
end

if holder then
    redis.call('PERSIST', hint)
else
    redis.call('SET', hint, room)
end

return {'ok'}
