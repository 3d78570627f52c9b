-- Reads an hour of a room's past: the cues that its shows have kept, and its
-- periods.
--
-- KEYS[1]  the room         KEYS[2]  its cues         KEYS[3]  its shows
-- KEYS[4]  its claim        KEYS[5]  its periods
-- KEYS[6]… the cues of the shows there were, as an earlier answer named them
-- ARGV[1]  when the hour begins, ms
-- ARGV[2]  when it ends
-- ARGV[3]  how many cues at most
--
-- Returns nil if there is no room; or numbers of shows: their cues are to be
-- KEYS[6]…; or
--   { the time, until when the hour's cues are complete, whatever comes,
--     cues as entries of XRANGE, first the one in force when the hour begins,
--     periods from the last on: the one that follows the hour, its own, and
--     the one in force when it begins, 1 if there is more than that }

--include show
--include cues
--include kept
--include entry

local SHOWS = 64

local room, stream, shows, live, periods = unpack(KEYS)
local from, till, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

if redis.call('EXISTS', room) == 0 then
    return nil
end

local function text(number)
    return string.format('%.0f', number)
end

-- A show's cues are in force from some time after the show before it began
-- until the next one begins.  A backend without shows has cues all the same.

local function shows_of_hour()
    local all, times, numbers = redis.call('HGETALL', shows), {}, {}

    for i = 1, #all, 2 do
        times[all[i]] = tonumber(all[i + 1])
    end

    for name in pairs(times) do
        local show = string.match(name, '^(%d+):started$')

        if show then
            numbers[#numbers + 1] = tonumber(show)
        end
    end

    local last = show_of(room)

    table.sort(numbers)

    if #numbers > 0 then
        last = math.max(last, numbers[#numbers])
    end

    for _, show in ipairs({ 1, last, last + 1 }) do
        if show > 0 and not times[text(show) .. ':started']
           and numbers[#numbers] ~= show
        then
            numbers[#numbers + 1] = show
        end
    end

    table.sort(numbers)

    local found = {}

    for i, show in ipairs(numbers) do
        local before, after = numbers[i - 1], numbers[i + 1]
        local begins = before and times[text(before) .. ':started'] or 0
        local ends = after and times[text(after) .. ':started'] or math.huge

        if begins < till and ends > from then
            found[#found + 1] = { show = show,
                                  ended = times[text(show) .. ':ended'] }
        end
    end

    return found
end

local found = shows_of_hour()
local more = 0

while #found > SHOWS do
    table.remove(found, 1)
    more = 1
end

local sets, numbers, missing = {}, {}, false

for i = 6, #KEYS do
    sets[show_of_key(KEYS[i])] = KEYS[i]
end

for i, show in ipairs(found) do
    numbers[i] = show.show
    missing = missing or not sets[text(show.show)]
end

if missing then
    return numbers
end

-- the first entries of a key's cues, of those that begin some day

local function entries(key, ended, count, ...)
    local list = {}

    for _, member in ipairs(redis.call('ZRANGE', key, ...)) do
        if #list == count then
            break
        end

        list[#list + 1] = entry_of(member, ended)
    end

    return list
end

local function at_of(entry)
    for i = 1, #entry[2], 2 do
        if entry[2][i] == 'at' then
            return tonumber(entry[2][i + 1])
        end
    end
end

local cues, in_force = {}, nil

for _, show in ipairs(found) do
    local key = sets[text(show.show)]

    for _, entry in ipairs(entries(key, show.ended, most + 1, ARGV[1],
                                   '(' .. ARGV[2], 'BYSCORE', 'LIMIT', 0,
                                   most + 1))
    do
        cues[#cues + 1] = entry
    end

    local before = entries(key, show.ended, 1, '(' .. ARGV[1], '-inf',
                           'BYSCORE', 'REV', 'LIMIT', 0, 200)[1]

    if before and (not in_force or at_of(before) > at_of(in_force)) then
        in_force = before
    end
end

cues[#cues + 1] = in_force

table.sort(cues, function(a, b) return at_of(a) < at_of(b) end)

for i = #cues, most + 1, -1 do
    cues[i] = nil
    more = 1
end

-- No cue can be added before one that has begun; but newest ones may be missing
-- among those kept.

local now = ms()
local newest = read_cues(stream, ended_at(room, shows, live))
local complete = last_begun(newest, now).at

if #newest > 0 and redis.call('HGET', room, 'kept') ~= digest(ids_of(newest))
then
    for _, cue in ipairs(newest) do
        complete = math.min(complete, cue.at)
    end
end

local spans = redis.call('ZRANGE', periods, ARGV[2], '+inf', 'BYSCORE',
                         'LIMIT', 0, 1)

for _, span in ipairs(redis.call('ZRANGE', periods, '(' .. ARGV[2], ARGV[1],
                                 'BYSCORE', 'REV'))
do
    spans[#spans + 1] = span
end

for _, span in ipairs(redis.call('ZRANGE', periods, '(' .. ARGV[1], '-inf',
                                 'BYSCORE', 'REV', 'LIMIT', 0, 1))
do
    spans[#spans + 1] = span
end

return { text(now), text(complete), cues, spans, more }
