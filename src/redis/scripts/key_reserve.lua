-- Keeps a stream key for a room, for a while, until the room has it.  What leads
-- from the key to the room is a hint: the key in the room itself decides.
--
-- KEYS[1]  the hint
-- ARGV[1]  the room
-- ARGV[2]  ms that it is kept
-- ARGV[3]  a room that is known not to have the key, or ""
-- ARGV[4]  ms: a hint that ends sooner is of a key that was given up
--
-- Returns "ok"; or "key_taken" and the room that has it or is to have it.

local hint, room, void = KEYS[1], ARGV[1], ARGV[3]
local holder = redis.call('GET', hint)
local left = redis.call('PTTL', hint)

if holder and holder ~= room
   and (holder ~= void or left > tonumber(ARGV[4]))
then
    return {'key_taken', holder}
end

-- one without an end is the room's already, and stays so

if holder ~= room or left ~= -1 then
    redis.call('SET', hint, room, 'PX', ARGV[2])
end

return {'ok'}
