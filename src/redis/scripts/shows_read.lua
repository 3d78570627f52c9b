-- Some of a room's shows with their counts, without what the ledgers keep
-- among those of their own.
--
-- KEYS[1]   the room's shows
-- KEYS[2]…  the counts of each show
-- ARGV      the numbers of those shows
--
-- Returns for each show when it started and ended, and an array of the
-- fields and values of its counts.

local shows = {}

for i = 1, #ARGV do
    local times = redis.call('HMGET', KEYS[1], ARGV[i] .. ':started',
                             ARGV[i] .. ':ended')
    local all = redis.call('HGETALL', KEYS[i + 1])
    local counts = {}

    for j = 1, #all, 2 do
        if string.sub(all[j], 1, 2) == 'c:' then
            counts[#counts + 1] = all[j]
            counts[#counts + 1] = all[j + 1]
        end
    end

    shows[i] = {times[1], times[2], counts}
end

return shows
