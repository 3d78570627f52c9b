-- Lets somebody enter a room by a code, and counts him among those who have:
-- once, however often he comes.
--
-- KEYS[1]   the room's codes
-- KEYS[2]…  who entered by a code, for each name that the code may have
-- ARGV[1]   who enters
-- ARGV[2]…  the names
--
-- Returns 1, or 0: there is no such code, it has ended, or let in as many as it
-- may.

local codes, who = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for i = 2, #KEYS do
    local name = ARGV[i]
    local code = redis.call('HMGET', codes, name .. ':until', name .. ':uses')
    local ends, uses = tonumber(code[1]), tonumber(code[2])

    if ends and uses and ends > now then

        if redis.call('SISMEMBER', KEYS[i], who) == 1 then
            return 1
        end

        local used = redis.call('SCARD', KEYS[i])

        if used < uses then
            redis.call('SADD', KEYS[i], who)
            redis.call('PEXPIREAT', KEYS[i], string.format('%.0f', ends))
            redis.call('HSET', codes, name .. ':used', used + 1)

            return 1
        end
    end
end

return 0
