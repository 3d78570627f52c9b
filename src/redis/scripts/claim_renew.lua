-- Prolongs a claim that is still the room's.
--
-- KEYS[1]  the room
-- KEYS[2]  its claim
-- ARGV[1]  the claim
-- ARGV[2]  ms that the claim lasts from now
-- ARGV[3]  ms since the publisher was last heard
--
-- Returns 1: prolonged; 0: nobody has the room; -1: another has it; or what
-- parts/cut.lua says.

--include cut

local room, live = KEYS[1], KEYS[2]
local holder = redis.call('GET', live)
local seen = tonumber(redis.call('HGET', room, 'seen')) or 0

if not holder then
    return cut(room, ARGV[1]) or 0
end

if holder ~= ARGV[1] then
    return -1
end

redis.call('PEXPIRE', live, ARGV[2])

if redis.call('EXISTS', room) == 1 then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)

    redis.call('HSET', room, 'seen',
               string.format('%.0f', math.max(seen, now - ARGV[3])))
end

return 1
