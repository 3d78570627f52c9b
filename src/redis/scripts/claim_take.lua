-- Makes a claim the room's, and begins a show or continues the last one.
--
-- KEYS[1]  the room
-- KEYS[2]  its claim
-- KEYS[3]  its shows
-- KEYS[4]  its cues
-- KEYS[5…] the counts of shows that might begin, one after the other
-- ARGV[1]  the claim
-- ARGV[2]  ms that the claim lasts
-- ARGV[3]  ms since a publisher was last heard until he is taken for silent
-- ARGV[4]  ms since a show was last seen within which it is continued, if its
--          host asked then
-- ARGV[5]  ms since the claim's session asked to publish
-- ARGV[6]  channel of the room's changes
-- ARGV[7]  number of the show that has KEYS[5]
-- ARGV[8]  1: this script has asked for those counts; 0: it's a guess
--
-- Whoever asked last has the room.  That is told by Redis's clock alone: a
-- claim that comes late says how old it is.
--
-- But two encoders that come back whenever they are replaced would take turns
-- for ever.  So when publishers who could be heard were replaced FIGHTS times,
-- with less than PEACE ms between one attempt and the next, the room stays
-- with the one who has it.  A lone encoder whose connection broke off does not
-- fight: its former session is silent.  "contests" of the room has how often,
-- and until when that counts.
--
-- A show that was ended through the API is not continued.
--
-- Returns the new version, the time (us) and the show; or -1: another asked
-- later and has the room; -2: there is no such room; -3: another keeps it; or
-- what parts/cut.lua says; or, in an array, the number of the show from which on
-- counts are to be among KEYS.  All is read before anything is written, so that
-- a key of a wrong type leaves the room as it was.

--include cues
--include cut

local FIGHTS, PEACE = 5, 60000

local COUNTS = 5

local room, live, shows, key = unpack(KEYS)
local claim, lasts, hearing = ARGV[1], ARGV[2], tonumber(ARGV[3])
local window, age, channel = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local first, told = tonumber(ARGV[7]), ARGV[8] == '1'

local function text(number)
    return string.format('%.0f', number)
end

local fields = redis.call('HMGET', room, 'show', 'seen', 'since', 'contests',
                          'over', 'period_claim', 'period_ended')
local show = math.floor(tonumber(fields[1]) or 0)
local seen = tonumber(fields[2]) or 0
local since = tonumber(fields[3]) or 0
local holder = redis.call('GET', live)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')

if redis.call('EXISTS', room) == 0 then
    return -2
end

local gone = cut(room, claim)

if gone then
    return gone
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local asked = now - age
local running = (holder or asked - seen <= window)
                and tonumber(fields[5]) ~= show

-- whoever held the last show may have died without ending it

local ended = times[1] and (tonumber(times[2]) or seen) or 0
local cues = read_cues(key, ended)
local last = last_begun(cues, now)

-- In a Redis that lost the room, ledgers have counts of shows that it had: the
-- next one is the first without any.  nil: its counts are not among KEYS.

local function next_show(n)
    if told and n < first then
        n = first
    end

    while n >= first and KEYS[COUNTS + n - first] do
        if redis.call('EXISTS', KEYS[COUNTS + n - first]) == 0 then
            return n
        end

        n = n + 1
    end

    return nil, n
end

local begun, missing

if show == 0 or not running then
    begun, missing = next_show(show + 1)

    if not begun then
        return {missing}
    end
end

if holder == claim and since > 0 then

    -- made before, but the answer was lost

    asked = math.min(asked, since)

elseif holder and holder ~= claim then

    -- a time to come is that of a Redis whose clock was ahead

    if since <= now and asked < since then
        return -1
    end

    if now - seen <= hearing then
        local fights, peace = string.match(fields[4] or '', '^(%d+)/(%d+)$')
        local left = (tonumber(peace) or 0) - now

        fights = left > 0 and left <= PEACE and tonumber(fights) or 0

        redis.call('HSET', room, 'contests',
                   text(fights + 1) .. '/' .. text(now + PEACE))

        if fights >= FIGHTS then
            return -3
        end
    end
end

-- the version first: if it can't be raised, nothing has been written

local version = redis.call('HINCRBY', room, 'version', 1)

if not begun then
    redis.call('HDEL', shows, show .. ':ended')

else

    if times[1] and not times[2] then
        redis.call('HSET', shows, show .. ':ended', text(ended))
    end

    show = begun
    redis.call('HSET', shows, show .. ':started', text(now))

    -- what the last show had in its spotlight, or to come, is gone; what was
    -- pinned since it ended is this one's

    for _, cue in ipairs(cues) do
        if cue.added <= ended and cue.at > now + SKEW then
            redis.call('XDEL', key, cue.id)
        end
    end

    if last.product ~= '' and last.added <= ended then
        redis.call('XADD', key, 'MAXLEN', '~', STREAM, '*',
                   'at', text(math.max(now, last.at + 1)), 'show', show)
    end
end

-- so may whoever began the last period; if he lives, he says better

if fields[6] and fields[6] ~= claim and not fields[7] then
    redis.call('HSET', room, 'period_ended', text(seen))
end

redis.call('HSET', room, 'show', show, 'seen', text(now),
           'since', text(asked))
redis.call('SET', live, claim, 'PX', lasts)
redis.call('PUBLISH', channel, version)

return {version, time[1] * 1000000 + time[2], show}
